/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_status.c: NTSTATUS to Win32, as a table.
 */
#include "config.h"

#include "providers/smb/smb_status.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <mpr/winerror.h>

/* In rising order of status: it is searched by halves. */
static const struct smb_status table[] = {
    {0xc0000001u, ERROR_GEN_FAILURE, "UNSUCCESSFUL", "it failed, without a reason given"},
    {0xc000000du, ERROR_INVALID_PARAMETER, "INVALID_PARAMETER",
     "it does not accept a part of the request"},
    {0xc000000fu, ERROR_BAD_NET_NAME, "NO_SUCH_FILE", "there is no such directory"},
    {0xc0000016u, ERROR_BAD_NET_RESP, "MORE_PROCESSING_REQUIRED",
     "the logon was not brought to an end"},
    {0xc0000017u, ERROR_NOT_ENOUGH_MEMORY, "NO_MEMORY", "memory ran out"},
    {0xc0000022u, ERROR_ACCESS_DENIED, "ACCESS_DENIED", "this user has no access"},
    {0xc0000033u, ERROR_BAD_NET_NAME, "OBJECT_NAME_INVALID", "the directory's name is not valid"},
    {0xc0000034u, ERROR_BAD_NET_NAME, "OBJECT_NAME_NOT_FOUND", "there is no such directory"},
    {0xc000003au, ERROR_BAD_NET_NAME, "OBJECT_PATH_NOT_FOUND",
     "there is no directory above that one"},
    {0xc000005eu, ERROR_NO_LOGON_SERVERS, "NO_LOGON_SERVERS",
     "no server that could check the logon was found"},
    {0xc000005fu, ERROR_NO_SUCH_LOGON_SESSION, "NO_SUCH_LOGON_SESSION",
     "there is no such logon session"},
    {0xc0000064u, ERROR_LOGON_FAILURE, "NO_SUCH_USER", "there is no such user"},
    {0xc000006au, ERROR_LOGON_FAILURE, "WRONG_PASSWORD", "the password is wrong"},
    {0xc000006cu, ERROR_PASSWORD_EXPIRED, "PASSWORD_RESTRICTION",
     "the password does not meet the rules"},
    {0xc000006du, ERROR_LOGON_FAILURE, "LOGON_FAILURE", "the user name or the password is wrong"},
    {0xc000006eu, ERROR_ACCOUNT_RESTRICTION, "ACCOUNT_RESTRICTION",
     "a restriction of the account forbids this logon"},
    {0xc000006fu, ERROR_INVALID_LOGON_HOURS, "INVALID_LOGON_HOURS",
     "the account may not log on at this hour"},
    {0xc0000070u, ERROR_INVALID_WORKSTATION, "INVALID_WORKSTATION",
     "the account may not log on from this machine"},
    {0xc0000071u, ERROR_PASSWORD_EXPIRED, "PASSWORD_EXPIRED", "the password has expired"},
    {0xc0000072u, ERROR_ACCOUNT_DISABLED, "ACCOUNT_DISABLED", "the account is disabled"},
    {0xc000007fu, ERROR_DISK_FULL, "DISK_FULL", "the disk is full"},
    {0xc000009au, ERROR_REQ_NOT_ACCEP, "INSUFFICIENT_RESOURCES", "the server lacks resources"},
    {0xc00000a8u, ERROR_LOGON_FAILURE, "BAD_TOKEN_TYPE",
     "the server cannot use this kind of Kerberos ticket"},
    {0xc00000b5u, ERROR_SEM_TIMEOUT, "IO_TIMEOUT", "it did not answer in time"},
    {0xc00000bbu, ERROR_NOT_SUPPORTED, "NOT_SUPPORTED", "the server does not support the request"},
    {0xc00000bcu, ERROR_REM_NOT_LIST, "REMOTE_NOT_LISTENING", "the server is not listening"},
    {0xc00000bdu, ERROR_BAD_NETPATH, "DUPLICATE_NAME", "its name is on the network twice"},
    {0xc00000beu, ERROR_BAD_NETPATH, "BAD_NETWORK_PATH", "the server was not found"},
    {0xc00000bfu, ERROR_NETWORK_BUSY, "NETWORK_BUSY", "the network is busy"},
    {0xc00000c3u, ERROR_BAD_NET_RESP, "INVALID_NETWORK_RESPONSE",
     "it did not answer with a version of SMB that both sides allow"},
    {0xc00000c9u, ERROR_NETNAME_DELETED, "NETWORK_NAME_DELETED", "the share was closed"},
    {0xc00000cau, ERROR_NETWORK_ACCESS_DENIED, "NETWORK_ACCESS_DENIED",
     "access over the network is denied"},
    {0xc00000cbu, ERROR_BAD_DEV_TYPE, "BAD_DEVICE_TYPE",
     "it is not of the kind that was asked for"},
    {0xc00000ccu, ERROR_BAD_NET_NAME, "BAD_NETWORK_NAME", "there is no such share"},
    {0xc00000cdu, ERROR_TOO_MANY_SESS, "TOO_MANY_SESSIONS", "it has as many sessions as it takes"},
    {0xc00000d0u, ERROR_REQ_NOT_ACCEP, "REQUEST_NOT_ACCEPTED", "it takes no more connections"},
    {0xc00000dfu, ERROR_NO_SUCH_DOMAIN, "NO_SUCH_DOMAIN", "there is no such domain"},
    {0xc0000103u, ERROR_BAD_NET_NAME, "NOT_A_DIRECTORY", "the name is not that of a directory"},
    {0xc0000120u, ERROR_CANCELLED, "CANCELLED", "it was cancelled"},
    {0xc0000133u, ERROR_TIME_SKEW, "TIME_DIFFERENCE_AT_DC",
     "the clocks of this machine and of the domain differ too much"},
    {0xc000013bu, ERROR_NETNAME_DELETED, "LOCAL_DISCONNECT", "the connection was closed"},
    {0xc000013cu, ERROR_NETNAME_DELETED, "REMOTE_DISCONNECT", "the server closed the connection"},
    {0xc000014cu, ERROR_EXTENDED_ERROR, "REGISTRY_CORRUPT",
     "the server's configuration is damaged"},
    {0xc000015bu, ERROR_LOGON_TYPE_NOT_GRANTED, "LOGON_TYPE_NOT_GRANTED",
     "the account may not log on over the network"},
    {0xc000018bu, ERROR_TRUSTED_RELATIONSHIP_FAILURE, "NO_TRUST_SAM_ACCOUNT",
     "the server is not trusted by its domain"},
    {0xc000018du, ERROR_TRUSTED_RELATIONSHIP_FAILURE, "TRUSTED_RELATIONSHIP_FAILURE",
     "the domains do not trust each other"},
    {0xc0000192u, ERROR_NOT_READY, "NETLOGON_NOT_STARTED", "its logon service is not running"},
    {0xc0000193u, ERROR_ACCOUNT_EXPIRED, "ACCOUNT_EXPIRED", "the account has expired"},
    {0xc0000199u, ERROR_LOGON_FAILURE, "NOLOGON_WORKSTATION_TRUST_ACCOUNT",
     "that is the account of a machine"},
    {0xc00001a8u, ERROR_BAD_NET_NAME, "DFS_UNAVAILABLE", "the target of the DFS link is not there"},
    {0xc0000203u, ERROR_NETNAME_DELETED, "USER_SESSION_DELETED", "the server ended the session"},
    {0xc000020cu, ERROR_NETNAME_DELETED, "CONNECTION_DISCONNECTED", "the connection broke"},
    {0xc000020du, ERROR_NETNAME_DELETED, "CONNECTION_RESET", "the server reset the connection"},
    {0xc0000224u, ERROR_PASSWORD_MUST_CHANGE, "PASSWORD_MUST_CHANGE",
     "the password must be changed before the first logon"},
    {0xc0000225u, ERROR_BAD_NET_NAME, "NOT_FOUND", "there is no such resource"},
    {0xc0000233u, ERROR_DOMAIN_CONTROLLER_NOT_FOUND, "DOMAIN_CONTROLLER_NOT_FOUND",
     "no domain controller was found"},
    {0xc0000234u, ERROR_ACCOUNT_LOCKED_OUT, "ACCOUNT_LOCKED_OUT",
     "the account is locked after too many wrong passwords"},
    {0xc0000236u, ERROR_CONNECTION_REFUSED, "CONNECTION_REFUSED", "the connection was refused"},
    {0xc000023cu, ERROR_NETWORK_UNREACHABLE, "NETWORK_UNREACHABLE",
     "there is no way to its network"},
    {0xc000023du, ERROR_HOST_UNREACHABLE, "HOST_UNREACHABLE", "there is no way to the server"},
    {0xc000023fu, ERROR_PORT_UNREACHABLE, "PORT_UNREACHABLE", "nothing listens on the port"},
    {0xc0000241u, ERROR_CONNECTION_ABORTED, "CONNECTION_ABORTED", "the connection was broken off"},
    {0xc0000257u, ERROR_BAD_NET_NAME, "PATH_NOT_COVERED", "the share lies on another server (DFS)"},
    {0xc000035cu, ERROR_NETNAME_DELETED, "NETWORK_SESSION_EXPIRED", "the session has expired"},
    {0xc0000380u, ERROR_LOGON_FAILURE, "SMARTCARD_WRONG_PIN", "the PIN is wrong"},
    {0xc0000388u, ERROR_LOGON_FAILURE, "DOWNGRADE_DETECTED",
     "the answer to the negotiation was tampered with"},
    {0xc0000413u, ERROR_LOGON_FAILURE, "AUTHENTICATION_FIREWALL_FAILED",
     "this user may not log on to that machine"},
    {0xc0000418u, ERROR_NOT_SUPPORTED, "NTLM_BLOCKED", "the server allows no logon by password"},
};

static int compare(const void *key, const void *row) {
    uint32_t a = *(const uint32_t *)key, b = ((const struct smb_status *)row)->status;

    return a < b ? -1 : a > b;
}

const struct smb_status *smb_status_find(uint32_t status) {
    return bsearch(&status, table, sizeof table / sizeof table[0], sizeof table[0], compare);
}

uint32_t smb_status_from_errno(int error, enum smb_phase phase) {
    switch (error) {
    case EACCES:
    case EPERM:
        return phase == SMB_PHASE_NEGOTIATED ? SMB_STATUS_LOGON_FAILURE : SMB_STATUS_ACCESS_DENIED;
    case ENOENT:
    case ENODEV:
        return phase == SMB_PHASE_TREE ? 0xc0000034u : SMB_STATUS_BAD_NETWORK_NAME;
    case ENOTDIR:
        return SMB_STATUS_NOT_A_DIRECTORY;
    case ECONNREFUSED:
        return SMB_STATUS_CONNECTION_REFUSED;
    case EHOSTUNREACH:
        return 0xc000023du;
    case ENETUNREACH:
        return 0xc000023cu;
    case ETIMEDOUT:
    case EAGAIN:
        return SMB_STATUS_IO_TIMEOUT;
    case ECONNABORTED:
    case EPIPE:
    case ENOTCONN:
        return SMB_STATUS_CONNECTION_DISCONNECTED;
    case ENETRESET:
    case ECONNRESET:
        return SMB_STATUS_CONNECTION_RESET;
    case ENXIO:
        return SMB_STATUS_BAD_NETWORK_PATH;
    case ENOMEM:
        return 0xc0000017u;
    case ECANCELED:
        return SMB_STATUS_CANCELLED;
    default:
        return phase == SMB_PHASE_NONE ? SMB_STATUS_INVALID_NETWORK_RESPONSE : 0xc0000001u;
    }
}

enum smb_phase smb_status_least_phase(int error) {
    return error == EACCES || error == EPERM || error == ENOENT || error == ENODEV
               ? SMB_PHASE_NEGOTIATED
               : SMB_PHASE_NONE;
}

enum mpr_answer smb_status_answer(uint32_t status, enum smb_phase phase, uint32_t *ret_code) {
    const struct smb_status *row = smb_status_find(status);

    if (status == SMB_STATUS_CANCELLED) {
        *ret_code = ERROR_CANCELLED;
        return MPR_MINE_FAILED;
    }
    if (phase == SMB_PHASE_NONE) {
        *ret_code = ERROR_BAD_NETPATH;
        return MPR_NOT_MINE;
    }
    *ret_code = row ? row->code : ERROR_EXTENDED_ERROR;
    return MPR_MINE_FAILED;
}
