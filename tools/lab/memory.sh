# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# memory.sh: what the memory provider is told to be. To be sourced after lab-file.sh.

memory_lab() {
    local stalled=(pread pwrite fsync truncate stat fstat readdir mkdir rmdir unlink rename link symlink
        readlink chmod chown utimens statvfs disconnect)
    file_object options shares 'demo,docs,bound,reader,stalled' printers queue read_only reader \
        user anna password secret-words \
        hang "connect@silent,list@silent,information@silent$(printf ',%s@stalled' "${stalled[@]}")" \
        fail 'connect@refused=53,connect@unknown=53' connect_timeout_ms 2000 io_timeout_ms 2000
    file_list good '\\memory\demo' '//memory/docs' 'memory://bound'
    file_pairs same '\\memory\demo' '//MEMORY/Demo' '\\memory\demo' 'memory://demo' \
        '\\memory\demo' '\\memory\demo\'
    file_pairs different '\\memory\demo' '\\memory\demo2' '\\memory\demo' '\\memory\docs' \
        '\\memory\demo' '\\memory\demo\docs' '\\memory\demo' '\\memory\dem'
    file_text missing '\\memory\missing'
    file_text refused '\\memory\refused'
    file_text silent '\\memory\silent'
    file_text unknown '\\memory\unknown'
    file_foreign '\\smbhost\pub' '//smbhost/pub' 'smb://smbhost/pub' 'nfshost:/rw' 'nfs://nfshost/rw' \
        'sftp://sshhost/home' '\\memory2\demo' '\\memor\demo' '\memory\demo' 'memory:/demo' \
        'memory' '\\'$'\xd1\x81\xd0\xb5\xd1\x80\xd0\xb2\xd0\xb5\xd1\x80''\share'
    file_text user anna
    file_text password secret-words
    file_text wrong_password not-the-words
    file_text read_only '\\memory\reader'
    file_text server '\\memory'
    file_text printer '\\memory\queue'
    file_text stalls '\\memory\stalled'
    file_plain case_sensitive false
}
