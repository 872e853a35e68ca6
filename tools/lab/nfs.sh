# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# nfs.sh: an NFSv3 server with its portmapper. To be sourced after lab.sh.
#
#   exports  /rw, /ro (read only), /denied (another client's), /full (1 MiB), /squash (root
#            is nobody), /reserved (for ports of root's only); /rw/sub is a directory
# MPR_LAB_NFS_PORT and MPR_LAB_MOUNT_PORT are its ports. In mode none the
# portmapper of the machine serves, where there is one.

nfs_export() { # number name access squash
    cat <<END
EXPORT {
    Export_Id = $1;
    Path = $LAB/nfs-export/$2;
    Pseudo = /$2;
    Tag = $2;
    Protocols = 3;
    Transports = TCP;
    SecType = sys;
    Access_Type = $3;
    Squash = $4;
    ${5-}
    FSAL { Name = VFS; }
}
END
}

nfs_config() {
    cat <<END
NFS_CORE_PARAM {
    NFS_Protocols = 3;
    NFS_Port = $MPR_LAB_NFS_PORT;
    MNT_Port = $MPR_LAB_MOUNT_PORT;
    Bind_addr = 127.0.0.1;
    Enable_NLM = false;
    Enable_RQUOTA = false;
    mount_path_pseudo = true;
    fsid_device = true;
}
NFSv4 {
    Graceless = true;
    RecoveryRoot = $LAB/nfs-state;
}
LOG { Default_Log_Level = EVENT; }
END
    nfs_export 1 rw RW No_Root_Squash
    nfs_export 2 ro RO No_Root_Squash
    nfs_export 3 full RW No_Root_Squash
    nfs_export 4 squash RW Root_Squash
    nfs_export 5 denied None No_Root_Squash \
        'CLIENT { Clients = 192.0.2.1; Access_Type = RW; Squash = No_Root_Squash; }'
    nfs_export 6 reserved RW No_Root_Squash 'PrivilegedPort = true;'
}

nfs_setup() {
    local export=$LAB/nfs-export
    mkdir -p "$LAB/nfs-state" "$export"/{rw/sub,ro,full,squash,denied,reserved}
    [ "$LAB_MODE" = none ] || mount -t tmpfs -o size=1m tmpfs "$export/full"
    chmod 0777 "$export"/{rw,ro,full,squash,denied,reserved}
    printf 'only to be read' >"$export/ro/readme"
    mkdir -p /run/ganesha # its other state; compiled in
    if [ "$LAB_MODE" != none ] || ! (exec 3<>/dev/tcp/127.0.0.1/111) 2>/dev/null; then
        lab_start rpcbind rpcbind -f
        lab_wait_port "$(lab_pid rpcbind)" 127.0.0.1 111 "$LAB/rpcbind.out"
    fi
}

nfs_start() {
    local tries=0
    nfs_config >"$LAB/ganesha.conf"
    lab_start ganesha ganesha.nfsd -F -f "$LAB/ganesha.conf" -L "$LAB/ganesha.log" \
        -p "$LAB/ganesha.own.pid" -N NIV_EVENT
    lab_wait_port "$(lab_pid ganesha)" 127.0.0.1 "$MPR_LAB_MOUNT_PORT" "$LAB/ganesha.out" \
        "$LAB/ganesha.log"
    lab_wait_port "$(lab_pid ganesha)" 127.0.0.1 "$MPR_LAB_NFS_PORT" "$LAB/ganesha.log"
    until rpcinfo -T tcp localhost 100005 3 && rpcinfo -T tcp localhost 100003 3; do
        tries=$((tries + 1))
        [ "$tries" -lt 500 ] || lab_fail "ganesha does not register with the portmapper"
        sleep 0.01
    done >/dev/null 2>&1
}

nfs_kill() {
    lab_kill ganesha
}

nfs_signal() { # STOP or CONT
    lab_signal ganesha "$1"
}

# How mpr-conformance is told of it: see lab-file.sh. A user is whom the client
# says that he is; there are no passwords.
nfs_lab() {
    local ports="[$MPR_LAB_NFS_PORT, $MPR_LAB_MOUNT_PORT, 111]" base=$MPR_LAB_NFS host=nfshost server
    file_object options connect_timeout_ms 2000 io_timeout_ms 5000 servers "$host"
    if [ "$MPR_LAB_MODE" = none ]; then
        server=$base
        file_list good "$base/rw" "$base/squash" "$base/ro"
    else
        server=$base
        file_list good "$base/rw" "\\\\$host\\squash" "nfs://$host/ro"
        file_pairs same "$base/rw" "nfs://$host/rw" "$base/rw" "\\\\$host\\rw" "$base/rw" "${base^^}/rw/" \
            "nfs://$host/rw" "nfs://$host:2049/rw" "nfs://$host/rw" "nfs://$host/%72w" "$base/rw/sub" "\\\\$host\\rw\\sub"
    fi
    file_pairs different "$base/rw" "$base/RW" "$base/rw" "$base/ro" "$base/rw" "$base/rw/sub" \
        "$base/rw" "$base/rwx" "nfs://$host/rw" "nfs://$host:2050/rw"
    file_text missing "$base/missing"
    file_host refused "${MPR_LAB_REFUSED-}" "${MPR_LAB_REFUSED-}:/rw"
    file_host silent "${MPR_LAB_SILENT-}" "${MPR_LAB_SILENT-}:/rw"
    file_text unknown "$MPR_LAB_NOHOST:/rw"
    file_foreign '//smbhost/pub' 'smb://smbhost/pub' 'memory://demo' 'sftp://sshhost/home' 'nfs://' \
        'nfs://:2049/rw' 'nfshost' 'nfshost/rw' 'nfshost:rw' 'nfshost:\rw' 'nfshost://rw' \
        'nfshost:/..' 'nfs hos:/rw' ':/rw' '/rw' 'a:/rw' '\nfshost\rw' '\\nfshost\..' '[::1:/rw' '[nfshost]:/rw'
    file_text user 3001
    file_text user2 3002
    file_text read_only "$base/ro"
    file_text server "$server"
    file_plain case_sensitive true
    file_plain ports "$ports"
    file_plain relay "{\"name\": \"nfs://127.0.0.1:{0}/rw?mountport={1}\",
              \"to\": [\"127.0.0.1:$MPR_LAB_NFS_PORT\", \"127.0.0.1:$MPR_LAB_MOUNT_PORT\"]}"
}
