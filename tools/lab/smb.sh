# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# smb.sh: an SMB2/3 server with users of its own. To be sourced after lab.sh.
#
#   users   anna "secret-words", bert "other-words", carl "disabled-words" (a disabled account)
#   shares  pub (read and write), ro (read only), private (bert only), full (1 MiB),
#           sealed (encryption demanded), queue (a printer; jobs appear in smb-share/jobs)
# MPR_LAB_SMB_PORTS are the ports, of which names use the first.

# The NT hashes are made of the passwords above: printf WORDS | iconv -t utf-16le | md4sum
smb_users() {
    local no=XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX file=$LAB/smbpasswd
    local anna=anna bert=bert carl=carl
    if [ "$LAB_MODE" = none ]; then # no accounts can be made: these stand for them
        anna=root bert=nobody carl=daemon
        printf '%s\n' 'root = anna' 'nobody = bert' 'daemon = carl' >"$LAB/username.map"
    fi
    : >"$file"
    chmod 600 "$file"
    cat >>"$file" <<END
$anna:$(id -u "$anna"):$no:3A5BD52639DF405B9B709FC4BE6C7904:[U          ]:LCT-60000000:
$bert:$(id -u "$bert"):$no:D913130B4FCD96A6AEEBDDF2F7437AB2:[U          ]:LCT-60000000:
$carl:$(id -u "$carl"):$no:49553AD5227ACD6AD4AB7F4EA3CD1DDB:[DU         ]:LCT-60000000:
END
}

smb_config() {
    local state=$LAB/smb-state share=$LAB/smb-share bert=bert
    [ "$LAB_MODE" = none ] && bert=nobody
    cat <<END
[global]
    server role = standalone
    workgroup = LAB
    server string = laboratory
    interfaces = 127.0.0.1
    bind interfaces only = yes
    smb ports = $MPR_LAB_SMB_PORTS
    disable netbios = yes
    server min protocol = SMB2_02
    passdb backend = smbpasswd:$LAB/smbpasswd
    map to guest = never
    private dir = $state
    lock directory = $state
    state directory = $state
    cache directory = $state
    pid directory = $state
    ncalrpc dir = $state/rpc
    log file = $state/log
    load printers = no
    usershare max shares = 0
    printing = bsd
    strict sync = yes
    include = $LAB/smb-extra.conf
END
    [ "$LAB_MODE" = none ] && echo "    username map = $LAB/username.map"
    cat <<END
[pub]
    comment = read and write
    path = $share/pub
    read only = no
[ro]
    path = $share/ro
[private]
    path = $share/private
    valid users = $bert
    read only = no
[full]
    path = $share/full
    read only = no
[sealed]
    path = $share/sealed
    read only = no
    smb encrypt = required
[queue]
    path = $share/spool
    printable = yes
    print command = cp %s $share/jobs/ && rm %s
    lpq command = true
    lprm command = true
END
}

smb_setup() {
    local share=$LAB/smb-share
    mkdir -p "$LAB/smb-state" "$share"/{pub,ro,private,full,sealed,spool,jobs}
    chmod 0777 "$share"/{pub,ro,private,full,sealed,spool,jobs}
    [ "$LAB_MODE" = none ] || mount -t tmpfs -o size=1m,mode=0777 tmpfs "$share/full"
    printf 'only to be read' >"$share/ro/readme"
    : >"$LAB/smb-extra.conf"
    smb_users
    smb_config >"$LAB/smb.conf"
}

# Further lines for [global] of smb.conf may be given; they stay until the next start.
smb_start() { # line...
    printf '%s\n' "$@" >"$LAB/smb-extra.conf"
    lab_start smbd smbd --foreground --no-process-group --configfile="$LAB/smb.conf"
    # shellcheck disable=SC2086 # a list of ports
    set -- $MPR_LAB_SMB_PORTS
    lab_wait_port "$(lab_pid smbd)" 127.0.0.1 "$1" "$LAB/smbd.out" "$LAB/smb-state/log"
}

smb_kill() {
    lab_kill smbd
    # What it started on demand made itself independent.
    lab_kill_all cmdline "--configfile=$LAB/smb.conf"
}

smb_signal() { # STOP or CONT
    lab_signal smbd "$1"
}

# How mpr-conformance is told of it: see lab-file.sh. The time for a connect is
# short, since it passes whenever a host is silent, and has room for a busy machine.
smb_lab() {
    local host=${MPR_LAB_SMB#//} port=${MPR_LAB_SMB_PORTS%% *}
    local unc="\\\\$host" plain=${host%:*}
    file_object options connect_timeout_ms 2000 io_timeout_ms 5000 servers "$host"
    file_list good "$unc\\pub" "//$host/sealed" "smb://$host/ro"
    file_pairs same "$unc\\pub" "//${host^^}/Pub" "$unc\\pub" "smb://$host/pub" "$unc\\pub" "$unc\\pub\\" \
        "$unc\\pub" "\\\\$plain:$port\\pub" "smb://$host/pub" "smb://$host/%70ub"
    file_pairs different "$unc\\pub" "$unc\\public" "$unc\\pub" "$unc\\ro" "$unc\\pub" "$unc\\pub\\dir" \
        "$unc\\pub" "\\\\$plain:4455\\pub" "$unc\\pub" "\\\\x$host\\pub"
    file_text missing "$unc\\missing"
    file_host refused "${MPR_LAB_REFUSED-}" "\\\\${MPR_LAB_REFUSED-}\\pub"
    file_host silent "${MPR_LAB_SILENT-}" "\\\\${MPR_LAB_SILENT-}\\pub"
    file_text unknown "\\\\$MPR_LAB_NOHOST\\pub"
    file_foreign 'nfshost:/rw' 'nfshost:' 'nfs://nfshost/rw' 'memory://demo' 'sftp://sshhost/home' \
        'smb:' 'smb://' 'smb:/smbhost/pub' 'smb:\\smbhost\pub' 'smb://smbhost/pub?x=1' \
        'smb://user@smbhost/pub' '\smbhost\pub' 'smbhost\pub' '\\smbhost\pu*' '\\smbhost\pub:x' \
        '\\smbhost\\pub' 'cifs://smbhost/pub'
    file_text user "$MPR_LAB_USER"
    file_text password "$MPR_LAB_PASSWORD"
    file_text wrong_password not-the-words
    file_text user2 "$MPR_LAB_USER2"
    file_text password2 "$MPR_LAB_PASSWORD2"
    file_text read_only "$unc\\ro"
    file_text server "$unc"
    file_text printer "$unc\\queue"
    file_plain case_sensitive false
    file_plain ports "[$port]"
    file_plain relay "{\"name\": \"smb://127.0.0.1:{0}/pub\", \"to\": [\"127.0.0.1:$port\"]}"
}
