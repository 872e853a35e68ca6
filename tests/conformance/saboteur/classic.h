/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic.h: an exemplary classic provider in memory, with one fault at a time:
 * what the conformance kit is tested with. MPR_SABOTAGE names the fault; without
 * it the provider is honest, and every check must hold.
 *
 * Its names are \\classic\SHARE[\DIRECTORY...] in any case, with or without a
 * last backslash. Shares: pub, docs, one with letters beyond ASCII (all for
 * everybody), private (a user is wanted), laser (a printer), busy (a file is
 * open there as long as it is connected), stalled (once it is connected its
 * server says nothing). Users: alice with the password
 * "right horse", bob with "other horse". Beside \\classic there are servers
 * that do not work: \\classic-refused, \\classic-silent (gives up after
 * SILENT_MS) and, as every other \\classic-NAME, \\classic-unknown.
 *
 * A fault is written where it strikes: if (sabotage("name")), with the real bug
 * in a comment. Its name stands in classic_switches too (classic_caps.c).
 */
#ifndef CLASSIC_H
#define CLASSIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <mpr/npapi.h>
#include <mpr/winerror.h>

#define CLASSIC_PROVIDER u"classic-saboteur"
#define CLASSIC_SERVER   u"\\\\classic"
#define CLASSIC_NAME_MAX 4096 /* units of a remote name */
#define CLASSIC_USER_MAX 256
#define SILENT_MS        300

/** Is this the fault that is to be shown? A name that classic_switches lacks ends the process. */
bool sabotage(const char *name);

/** The one lock: of connections and of listings. Never held while a server is waited for. */
void classic_lock(void);
void classic_unlock(void);

/* ---- texts (classic_text.c) */

size_t classic_length(LPCWSTR text);
/** Bytes with NUL; 0 for NULL. */
size_t classic_bytes(LPCWSTR text);
WCHAR classic_fold(WCHAR unit);
bool classic_same(LPCWSTR a, LPCWSTR b);
/** The first units of a text against a whole one. */
bool classic_same_part(LPCWSTR part, size_t units, LPCWSTR whole);
LPWSTR classic_copy(LPCWSTR text, size_t units);

/** Gives one text into a buffer whose size is counted in units (contract of a single string). */
DWORD classic_give(LPCWSTR text, LPWSTR buffer, LPDWORD size);
/** The end of a buffer for texts: where it has an odd byte, before that. */
char *classic_end(void *buffer, DWORD size);
/** Puts so many units of a text with a NUL before *end, which moves there; NULL for NULL. */
LPWSTR classic_put(char **end, LPCWSTR text, size_t units);

/** A NETRESOURCEW that is still to be written. Texts may be NULL. */
struct classic_entry {
    DWORD scope, type, display, usage;
    LPCWSTR local, remote, comment;
    size_t remote_units; /* of remote */
};
/** Its bytes with its texts. */
size_t classic_entry_size(const struct classic_entry *entry);
/** Writes it to at, and its texts before *end. */
void classic_entry_write(const struct classic_entry *entry, void *at, char **end);

/** Explains a failure: "before NAME after". Returns WN_EXTENDED_ERROR. */
DWORD classic_explain(DWORD native, LPCWSTR before, LPCWSTR name, LPCWSTR after);

/* ---- names and shares (classic_shares.c) */

/** A name of ours by syntax; the parts point into it. */
struct classic_name {
    LPCWSTR text, share, rest; /* rest: "\dir\file" or "" */
    size_t units;              /* of text, without a last backslash */
    size_t server_units;       /* of "\\server" */
    size_t share_units;        /* of share; 0: the name is a server's */
    size_t root_units;         /* of "\\server\share" */
    size_t rest_units;
};
/** False: the name is not ours. */
bool classic_parse(LPCWSTR text, struct classic_name *ret);

struct classic_share {
    LPCWSTR remote, comment;
    DWORD type;
    bool wants_user, has_open_file, stalls;
};
extern const struct classic_share classic_shares[];
extern const size_t classic_share_count;

/** The share of a name, or NULL if our server has none such. */
const struct classic_share *classic_find_share(const struct classic_name *name);
/** Is it our one server that works? */
bool classic_is_server(const struct classic_name *name);
/** What comes of going there: WN_SUCCESS or a failure, explained; may take SILENT_MS. */
DWORD classic_reach(const struct classic_name *name, const struct classic_share **ret_share);
/** May this user in? NULL or not; WN_SUCCESS, WN_BAD_PASSWORD, ERROR_LOGON_FAILURE, WN_BAD_USER. */
DWORD classic_log_on(const struct classic_share *share, LPCWSTR user, LPCWSTR password);
/** Who is logged on as user, password: what NPGetUser is to say. */
LPCWSTR classic_user_name(LPCWSTR user, LPCWSTR password);

/* ---- faults among threads, and of want (classic_stress.c) */

/** Around a connect, with its code; before a look at a device and a listing. */
DWORD classic_stress_begin(LPCWSTR password);
void classic_stress_end(DWORD code);
void classic_stress_get(void);
void classic_stress_list(void);

/* ---- connections (classic_connect.c); with the lock held */

struct classic_connection {
    struct classic_connection *next;
    DWORD type;
    bool deferred; /* not really connected yet */
    bool open_file;
    bool stalled;   /* its server says nothing any more */
    WCHAR local[5]; /* "Z:", "LPT1", or "" */
    LPWSTR remote, user;
};
extern struct classic_connection *classic_connections;
/** Where the last one was that ended, counted from 0; SIZE_MAX after one was made. */
extern size_t classic_gap;
/** How many are being made. */
extern atomic_int classic_under_way;

/** "z:" to "Z:", "lpt1:" to "LPT1"; false: no device. */
bool classic_device(LPCWSTR text, WCHAR ret_device[5]);
/** The connection of a device, or NULL. */
struct classic_connection *classic_of_device(LPCWSTR device);
/** A connection of a device or to a remote name, or NULL. */
struct classic_connection *classic_of_name(LPCWSTR name);
/** Is the connection to this very resource? */
bool classic_leads_to(const struct classic_connection *connection, const struct classic_name *name);
void classic_drop(struct classic_connection *connection);

/* ---- faults beside the connecting (classic_spoil.c) */

void classic_spoil_request(const NETRESOURCEW *resource, LPCWSTR password, DWORD flags);
/** Of a provider with a profile of its own: connects what stands there. */
void classic_recall(void);

#endif
