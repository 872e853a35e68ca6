/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_advice.c: what failures mean on the way to a resource.
 */
#include "config.h"

#include "router/mpr_router_advice.h"

#include <errno.h>
#include <stddef.h>

#include <mpr/winerror.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct advice {
    DWORD code;
    enum mpr_advice_step step;
    const char *words;
};

static const char not_this_protocol[] =
    "Something answers there, but not as this provider wants. Check that it is the right server "
    "and port, and which versions of the protocol the server allows.";
static const char try_later[] = "Try again later.";
static const char wrong_password[] = "Check user name, domain and password.";
static const char mend_provider[] =
    "`wnet providers` lists the providers; see that this one is installed whole.";
static const char ask_administrator[] = "Whoever administers the server can change that.";
static const char change_password[] = "Change the password on the server, and connect again.";

static const struct advice advices[] = {
    {ERROR_BAD_NETPATH, MPR_ADVICE_PROTOCOL, not_this_protocol},
    {ERROR_BAD_NET_RESP, MPR_ADVICE_PROTOCOL, not_this_protocol},
    {ERROR_UNEXP_NET_ERR, MPR_ADVICE_PROTOCOL, not_this_protocol},
    {ERROR_NETNAME_DELETED, MPR_ADVICE_PROTOCOL, not_this_protocol},
    {ERROR_CONNECTION_ABORTED, MPR_ADVICE_PROTOCOL, not_this_protocol},
    {ERROR_CONNECTION_REFUSED, MPR_ADVICE_PROTOCOL, not_this_protocol},
    {ERROR_NOT_SUPPORTED, MPR_ADVICE_PROTOCOL, not_this_protocol},
    {ERROR_HOST_UNREACHABLE, MPR_ADVICE_PROTOCOL, not_this_protocol},
    {ERROR_NETWORK_UNREACHABLE, MPR_ADVICE_PROTOCOL, not_this_protocol},
    {ERROR_PORT_UNREACHABLE, MPR_ADVICE_PROTOCOL, not_this_protocol},
    {ERROR_TIMEOUT, MPR_ADVICE_PROTOCOL,
     "The server accepts connections and is silent then: it is overloaded or stopped, or a "
     "firewall "
     "lies between. Try again later."},
    {ERROR_SEM_TIMEOUT, MPR_ADVICE_PROTOCOL,
     "The server accepts connections and is silent then: it is overloaded or stopped, or a "
     "firewall "
     "lies between. Try again later."},
    {ERROR_NETWORK_BUSY, MPR_ADVICE_PROTOCOL, try_later},
    {ERROR_BUSY, MPR_ADVICE_PROTOCOL, try_later},
    {ERROR_RETRY, MPR_ADVICE_PROTOCOL, try_later},
    {ERROR_REM_NOT_LIST, MPR_ADVICE_PROTOCOL, try_later},
    {ERROR_HOST_DOWN, MPR_ADVICE_PROTOCOL, try_later},
    {ERROR_TOO_MANY_SESS, MPR_ADVICE_LOGIN, try_later},
    {ERROR_REQ_NOT_ACCEP, MPR_ADVICE_SHARE, try_later},
    {ERROR_NOT_ENOUGH_MEMORY, MPR_ADVICE_HERE,
     "End what needs much memory, or many processes, and try again."},
    {ERROR_TOO_MANY_OPEN_FILES, MPR_ADVICE_HERE, "Close some, or raise that limit (ulimit -n)."},
    {ERROR_DLL_INIT_FAILED, MPR_ADVICE_HERE, mend_provider},
    {ERROR_MOD_NOT_FOUND, MPR_ADVICE_HERE, mend_provider},
    {ERROR_PROC_NOT_FOUND, MPR_ADVICE_HERE, mend_provider},
    {ERROR_BAD_FORMAT, MPR_ADVICE_HERE, mend_provider},
    {ERROR_CANCELLED, MPR_ADVICE_UNKNOWN, "Try again, if that was not meant."},
    {ERROR_OPERATION_ABORTED, MPR_ADVICE_UNKNOWN, "Try again, if that was not meant."},
    {ERROR_REQUEST_ABORTED, MPR_ADVICE_UNKNOWN, "Try again, if that was not meant."},
    {ERROR_INVALID_NAME, MPR_ADVICE_UNKNOWN, "Check the name."},
    {ERROR_INCORRECT_ADDRESS, MPR_ADVICE_PROTOCOL, "Check the name of the server."},
    {ERROR_NO_NETWORK, MPR_ADVICE_PROTOCOL, "Check that the network is up."},
    {ERROR_LOGON_FAILURE, MPR_ADVICE_LOGIN, wrong_password},
    {ERROR_INVALID_PASSWORD, MPR_ADVICE_LOGIN, wrong_password},
    {ERROR_BAD_USERNAME, MPR_ADVICE_LOGIN, wrong_password},
    {ERROR_NO_SUCH_USER, MPR_ADVICE_LOGIN, wrong_password},
    {ERROR_NO_SUCH_DOMAIN, MPR_ADVICE_LOGIN, wrong_password},
    {ERROR_NOT_AUTHENTICATED, MPR_ADVICE_LOGIN, "Connect with a user name and a password."},
    {ERROR_NO_SUCH_LOGON_SESSION, MPR_ADVICE_LOGIN, "Connect with a user name and a password."},
    {ERROR_NOT_LOGGED_ON, MPR_ADVICE_LOGIN, "Connect with a user name and a password."},
    {ERROR_SESSION_CREDENTIAL_CONFLICT, MPR_ADVICE_LOGIN,
     "Cancel the connections to this server that have another user first."},
    {ERROR_ACCOUNT_RESTRICTION, MPR_ADVICE_LOGIN, ask_administrator},
    {ERROR_INVALID_LOGON_HOURS, MPR_ADVICE_LOGIN, ask_administrator},
    {ERROR_ACCOUNT_DISABLED, MPR_ADVICE_LOGIN, ask_administrator},
    {ERROR_ACCOUNT_EXPIRED, MPR_ADVICE_LOGIN, ask_administrator},
    {ERROR_ACCOUNT_LOCKED_OUT, MPR_ADVICE_LOGIN,
     "Wait until it is unlocked, and then take the right password: each wrong one locks it anew."},
    {ERROR_LOGIN_TIME_RESTRICTION, MPR_ADVICE_LOGIN, ask_administrator},
    {ERROR_LOGIN_WKSTA_RESTRICTION, MPR_ADVICE_LOGIN, ask_administrator},
    {ERROR_INVALID_WORKSTATION, MPR_ADVICE_LOGIN, ask_administrator},
    {ERROR_LOGON_NOT_GRANTED, MPR_ADVICE_LOGIN, ask_administrator},
    {ERROR_LOGON_TYPE_NOT_GRANTED, MPR_ADVICE_LOGIN, ask_administrator},
    {ERROR_TRUSTED_RELATIONSHIP_FAILURE, MPR_ADVICE_LOGIN, ask_administrator},
    {ERROR_NO_LOGON_SERVERS, MPR_ADVICE_LOGIN,
     "The server cannot reach those who know its users. Try again later."},
    {ERROR_PASSWORD_EXPIRED, MPR_ADVICE_LOGIN, change_password},
    {ERROR_PASSWORD_MUST_CHANGE, MPR_ADVICE_LOGIN, change_password},
    {ERROR_TIME_SKEW, MPR_ADVICE_LOGIN,
     "Set this machine's clock right: it and the server's differ."},
    {ERROR_BAD_NET_NAME, MPR_ADVICE_SHARE,
     "Check the name of the share: the server can list those that it has."},
    {ERROR_ACCESS_DENIED, MPR_ADVICE_SHARE,
     "Connect as a user who may use it, or ask whoever administers it for the permission."},
    {ERROR_NETWORK_ACCESS_DENIED, MPR_ADVICE_SHARE,
     "Connect as a user who may use it, or ask whoever administers it for the permission."},
    {ERROR_BAD_DEV_TYPE, MPR_ADVICE_UNKNOWN,
     "A disk goes to a letter, a printer to LPT1 to LPT9: take the other kind of device."},
    {ERROR_PATH_NOT_FOUND, MPR_ADVICE_SHARE, "Check the directory below the share."},
    {ERROR_FILE_NOT_FOUND, MPR_ADVICE_SHARE, "Check the directory below the share."},
};

static const struct advice *find(DWORD code) {
    for (size_t i = 0; i < COUNT(advices); i++)
        if (advices[i].code == code)
            return &advices[i];
    return NULL;
}

enum mpr_advice_step mpr_router_advice_step(DWORD code) {
    const struct advice *advice = find(code);

    return advice ? advice->step : MPR_ADVICE_UNKNOWN;
}

const char *mpr_router_advice(DWORD code) {
    const struct advice *advice = find(code);

    return advice ? advice->words : "The server's own log may say more.";
}

const char *mpr_router_advice_reach(int error) {
    switch (error) {
    case ECONNREFUSED:
        return "The machine is there, and nobody serves this port: check that the server runs, "
               "and that it is this port.";
    case ETIMEDOUT:
        return "Nobody answers: the machine is off, or a firewall drops what is sent to it.";
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
        return "There is no way there from this machine: check its network, its routes and the "
               "VPN, if there is one.";
    default:
        return "Check this machine's network and its firewall.";
    }
}

DWORD mpr_router_advice_code(int error) {
    switch (error) {
    case ECONNREFUSED:
        return ERROR_CONNECTION_REFUSED;
    case ENETUNREACH:
    case ENETDOWN:
        return ERROR_NETWORK_UNREACHABLE;
    case EHOSTUNREACH:
        return ERROR_HOST_UNREACHABLE;
    case ETIMEDOUT:
        return ERROR_TIMEOUT;
    default:
        return ERROR_BAD_NETPATH;
    }
}
