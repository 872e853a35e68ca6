# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# sshd.sh: an SSH server for SFTP alone. To be sourced after lab.sh.
#
#   users        anna "secret-words", bert "other-words"; and root, by key only
#   directories  /rw, /ro (read only), /private (bert's alone), /full (1 MiB); /rw/sub is one too
#   $LAB/ssh     known_hosts; host_key and other_key, of which sshd shows the first; keys of
#                users: root_key, anna_key, locked_key (anna's, with a passphrase), stranger_key
#                (nobody's)
# MPR_LAB_SSH_PORT is the port. Without namespaces there are no users but one's own,
# and the directories have long names.

# Made of the passwords above: openssl passwd -6 -salt laboratory WORDS
ssh_accounts() {
    cat <<'END'
root:*:19000:0:99999:7:::
sshd:*:19000:0:99999:7:::
anna:$6$laboratory$dSwhqTXeLKdO4fBdXMirePTbqZ/hnpMWm0tWdXRhIr37F2U6776vbt6T6ATNVV8.tRO6ddjl3ll06mUkhbrtw.:19000:0:99999:7:::
bert:$6$laboratory$Ab886bU26ewB6otzx7YHZclodFFYJxL3eW1WoS.YoKzeRqQsA.fjQKZ39kt2B.Y53NrRSdyZEziHh33.nFXY71:19000:0:99999:7:::
END
}

ssh_config() {
    cat <<END
Include $LAB/ssh/extra.conf
Port $MPR_LAB_SSH_PORT
ListenAddress 127.0.0.1
HostKey $LAB/ssh/host_key
PidFile none
UsePAM no
UseDNS no
StrictModes no
PermitRootLogin prohibit-password
AuthorizedKeysFile $LAB/ssh/authorized/%u
MaxStartups 100
MaxSessions 100
LoginGraceTime 30
Subsystem sftp internal-sftp
ForceCommand internal-sftp -u 022
AllowTcpForwarding no
END
    [ "$LAB_MODE" = none ] || echo "ChrootDirectory $LAB/ssh-files"
}

ssh_keys() {
    local name keys=$LAB/ssh
    for name in host_key other_key root_key anna_key stranger_key; do
        ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$keys/$name"
    done
    ssh-keygen -q -t ed25519 -N passphrase -C locked_key -f "$keys/locked_key"
    cp "$keys/root_key.pub" "$keys/authorized/$(id -un)"
    cat "$keys/anna_key.pub" "$keys/locked_key.pub" >"$keys/authorized/anna"
    {
        printf 'sshhost,[sshhost]:*,127.0.0.1,[127.0.0.1]:* '
        cat "$keys/host_key.pub"
    } >"$keys/known_hosts"
}

ssh_setup() {
    local files=$LAB/ssh-files
    mkdir -p "$LAB/ssh/authorized" "$files"/{rw/sub,ro,private,full}
    chmod 0777 "$files"/{rw,full}
    ssh_keys
    : >"$LAB/ssh/extra.conf"
    printf 'only to be read' >"$files/ro/readme"
    if [ "$LAB_MODE" = none ]; then
        chmod 0555 "$files/ro"
        return
    fi
    chown bert "$files/private"
    chmod 0700 "$files/private"
    mount -t tmpfs -o size=1m,mode=0777 tmpfs "$files/full"
    mount --bind "$files/ro" "$files/ro"
    mount -o remount,bind,ro "$files/ro"
    (umask 077 && ssh_accounts >"$LAB/shadow")
    mount --bind "$LAB/shadow" /etc/shadow
    mkdir -p -m 0755 /run/sshd # where it has no rights left
}

# Further lines for the front of sshd_config may be given; they stay until the next start.
ssh_start() { # line...
    printf '%s\n' "$@" >"$LAB/ssh/extra.conf"
    ssh_config >"$LAB/sshd_config"
    lab_start sshd "$(command -v sshd)" -D -e -f "$LAB/sshd_config"
    lab_wait_port "$(lab_pid sshd)" 127.0.0.1 "$MPR_LAB_SSH_PORT" "$LAB/sshd.out"
}

# sshd and its children, each of which is a session of its own.
ssh_processes() {
    local parents=" $(lab_pid sshd) " line before=''
    while [ "$parents" != "$before" ]; do
        before=$parents
        while read -r line; do
            # pid (name) state parent ...; a name may hold blanks
            # shellcheck disable=SC2086
            set -- "${line%% *}" ${line##*) }
            [[ $parents != *" $3 "* ]] || [[ $parents == *" $1 "* ]] || parents+="$1 "
        done < <(cat /proc/[0-9]*/stat 2>/dev/null)
    done
    echo "$parents"
}

# Is one of these processes neither stopped nor a zombie?
ssh_any_runs() { # pid...
    local pid line
    for pid in "$@"; do
        { read -r line <"/proc/$pid/stat"; } 2>/dev/null || continue
        line=${line##*) }
        [[ ${line%% *} == [TZ] ]] || return 0
    done
    return 1
}

ssh_signal() { # STOP, CONT or KILL
    local tries=0 processes
    processes=$(ssh_processes)
    # shellcheck disable=SC2086 # a list
    kill -"$1" $processes 2>/dev/null || true
    # shellcheck disable=SC2086
    while [ "$1" != CONT ] && ssh_any_runs $processes && [ "$tries" -lt 500 ]; do
        tries=$((tries + 1))
        sleep 0.01
    done
}

ssh_kill() {
    [ -n "$(lab_pid sshd)" ] || return 0
    ssh_signal KILL
    rm -f "$LAB/sshd.pid"
}

# How mpr-conformance is told of it: see lab-file.sh.
sftp_lab() {
    local base=$MPR_LAB_SSH keys=$MPR_LAB_SSH_KEYS host=sshhost port=$MPR_LAB_SSH_PORT dir=
    [ "$MPR_LAB_MODE" != none ] || host=127.0.0.1:$port dir=$MPR_LAB_SSH_DIR
    file_object options connect_timeout_ms 2000 io_timeout_ms 2000 known_hosts "$keys/known_hosts" \
        identity "$keys/root_key" servers "$host"
    file_list good "$base/rw" "$base/full" "$base/ro"
    file_pairs same "$base/rw" "$base/rw/" "$base/rw" "$base//rw" "$base/rw" "$base/%72w" \
        "$base/rw" "SFTP://${host^^}$dir/rw" "$base/rw" "sftp://$(id -un)@$host$dir/rw" \
        "$base/rw" "sftp://${host%:*}:$port$dir/rw"
    file_pairs different "$base/rw" "$base/RW" "$base/rw" "$base/ro" "$base/rw" "$base/rw/sub" \
        "$base/rw" "$base/rwx" "$base/rw" "sftp://${host%:*}:2222$dir/rw" "$base/rw" "sftp://x$host$dir/rw"
    file_text missing "$base/missing"
    file_host refused "${MPR_LAB_REFUSED-}" "sftp://${MPR_LAB_REFUSED-}/rw"
    file_host silent "${MPR_LAB_SILENT-}" "sftp://${MPR_LAB_SILENT-}/rw"
    file_text unknown "sftp://$MPR_LAB_NOHOST/rw"
    file_foreign '//smbhost/pub' 'smb://smbhost/pub' 'memory://demo' 'nfs://nfshost/rw' 'nfshost:/rw' \
        'sftp:' 'sftp://' 'sftp:/sshhost/rw' 'sftp:\\sshhost\rw' 'sftp:///rw' 'sftp://@sshhost/rw' \
        'sftp://anna:words@sshhost/rw' 'sftp://sshhost:0/rw' 'sftp://sshhost:/rw' 'sftp://sshhost/..' \
        'sftp://sshhost/%2e%2e/rw' 'sftp://sshhost/a%2Fb' 'sftp://sshhost/%' 'sftp://ssh host/rw' \
        'sftp://[::1/rw' 'ssh://sshhost/rw' 'anna@sshhost:/rw'
    if [ "$MPR_LAB_MODE" != none ]; then
        file_text user "$MPR_LAB_USER"
        file_text password "$MPR_LAB_PASSWORD"
        file_text wrong_password not-the-words
        file_text user2 "$MPR_LAB_USER2"
        file_text password2 "$MPR_LAB_PASSWORD2"
        file_text read_only "$base/ro"
    fi
    file_text server "sftp://$host"
    file_plain case_sensitive true
    file_plain ports "[$port]"
    file_plain relay "{\"name\": \"sftp://127.0.0.1:{0}$dir/rw\", \"to\": [\"127.0.0.1:$port\"]}"
}
