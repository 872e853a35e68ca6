/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * demo: the main job on real servers, as a transcript. Each line that names a
 * function is a call that was made, with what it returned; if one returns
 * anything but what belongs there, the program says so and fails.
 *
 * Run by tests/lab/demo.sh in a laboratory. It uses the public headers only.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/npapi.h>
#include <mpr/winnetwk.h>

#include "tests/lab/stage.h"

#define SMB_NAME  "\\\\smbhost\\pub"
#define SMB_OTHER "\\\\smbhost\\ro"
#define NFS_NAME  "nfshost:/rw"
#define USER      "anna"

static int surprises;
static int coloured;
static char call_text[1024];
static double begun;

/* ---- how it is shown */

static void heading(const char *text) {
    printf("\n%s%s%s\n", coloured ? "\033[1m" : "", text, coloured ? "\033[0m" : "");
}

static void remark(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void remark(const char *format, ...) {
    va_list arguments;

    printf("    ");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
}

static void surprise(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void surprise(const char *format, ...) {
    va_list arguments;

    surprises++;
    printf("  %s*** not as it should be: ", coloured ? "\033[31m" : "");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("%s\n", coloured ? "\033[0m" : "");
}

/* Notes the call that is about to be made, as it will be shown. */
static void calling(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void calling(const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(call_text, sizeof(call_text), format, arguments);
    va_end(arguments);
    begun = stage_ms();
}

/* The words for the failure that has just been. Never a password. */
static void show_words(void) {
    char text[512], provider[64];
    DWORD code = 0;

    WNetGetLastError(&code, text, sizeof(text), provider, sizeof(provider));
    remark("WNetGetLastError: %s, 0x%x: \"%s\"", provider, code, text);
    if (strstr(text, "words"))
        surprise("a password in the text");
    if (!text[0] && code)
        surprise("no text");
}

/* Shows what the call returned. words: also what WNetGetLastError says. */
static void returned(DWORD code, DWORD wanted, int words) {
    double ms = stage_ms() - begun;

    printf("  %s = %s  (%.*f ms)\n", call_text, stage_code(code), ms < 10 ? 1 : 0, ms);
    if (code != NO_ERROR)
        remark("%s", stage_sentence(code));
    if (words || code != wanted)
        show_words();
    if (code != wanted)
        surprise("%s was expected", stage_code(wanted));
}

/* The same for file functions: a count, or -errno. */
static void gave(int64_t result, int64_t wanted) {
    double ms = stage_ms() - begun;

    if (result < 0)
        printf("  %s = -%s: %s  (%.1f ms)\n", call_text, strerrorname_np((int)-result),
               strerror((int)-result), ms);
    else
        printf("  %s = %lld  (%.1f ms)\n", call_text, (long long)result, ms);
    if (result != wanted)
        surprise("%lld was expected", (long long)wanted);
}

/* ---- the calls */

static DWORD add(const char *device, const char *remote, const char *user, const char *password,
                 DWORD flags) {
    char local[8] = "", name[256];
    NETRESOURCE resource = {.dwType = RESOURCETYPE_DISK, .lpRemoteName = name};

    snprintf(name, sizeof(name), "%s", remote);
    snprintf(local, sizeof(local), "%s", device ? device : "");
    resource.lpLocalName = local;
    calling("WNetAddConnection2(%s%s%s -> %s%s%s%s)", device ? "\"" : "",
            device ? device : "no device", device ? "\"" : "", remote, user ? ", user " : "",
            user ? user : "", flags & CONNECT_UPDATE_PROFILE ? ", remember" : "");
    return WNetAddConnection2(&resource, password, user, flags);
}

static void connect_to(const char *device, const char *remote, const char *user,
                       const char *password, DWORD flags) {
    returned(add(device, remote, user, password, flags), NO_ERROR, 0);
}

static void cannot_connect(const char *device, const char *remote, const char *user,
                           const char *password, DWORD wanted) {
    returned(add(device, remote, user, password, 0), wanted, 1);
}

static void cancel(const char *name, DWORD flags, BOOL force, DWORD wanted) {
    DWORD code;

    calling("WNetCancelConnection2(\"%s\", %s, %s)", name,
            flags & CONNECT_UPDATE_PROFILE ? "CONNECT_UPDATE_PROFILE" : "0",
            force ? "TRUE" : "FALSE");
    code = WNetCancelConnection2(name, flags, force);
    returned(code, wanted, wanted == ERROR_OPEN_FILES);
}

static void list(DWORD scope, const char *what, DWORD wanted) {
    union {
        NETRESOURCE entries[1];
        char bytes[16384];
    } buffer;
    DWORD count = 0xFFFFFFFF, size = sizeof(buffer), code;
    HANDLE handle = NULL;

    calling("WNetOpenEnum(%s)", what);
    code = WNetOpenEnum(scope, RESOURCETYPE_ANY, 0, NULL, &handle);
    returned(code, NO_ERROR, 0);
    if (code != NO_ERROR)
        return;
    code = WNetEnumResource(handle, &count, &buffer, &size);
    if (code == ERROR_NO_MORE_ITEMS)
        count = 0;
    for (DWORD i = 0; i < count; i++)
        remark("%-4s %-16s %s",
               buffer.entries[i].lpLocalName && buffer.entries[i].lpLocalName[0]
                   ? buffer.entries[i].lpLocalName
                   : "-",
               buffer.entries[i].lpRemoteName, buffer.entries[i].lpProvider);
    if (count == 0)
        remark("(none)");
    if (count != wanted)
        surprise("%u entries were expected", wanted);
    WNetCloseEnum(handle);
}

static void get_connection(const char *device, DWORD wanted) {
    char remote[256] = "";
    DWORD size = sizeof(remote), code;

    calling("WNetGetConnection(\"%s\")", device);
    code = WNetGetConnection(device, remote, &size);
    returned(code, wanted, 0);
    if (remote[0])
        remark("%s", remote);
}

static HANDLE open_file(const char *path, int flags, const char *flag_text) {
    HANDLE file = NULL;
    int rc;

    calling("MprFileOpen(\"%s\", %s)", path, flag_text);
    rc = MprFileOpen(path, flags, 0644, &file);
    gave(rc, 0);
    return file;
}

static void close_file(HANDLE file, int wanted) {
    calling("MprFileClose()");
    gave(MprFileClose(file), wanted);
}

static void write_text(HANDLE file, const char *text) {
    calling("MprFileWrite(\"%s\")", text);
    gave(MprFileWrite(file, text, strlen(text)), (int64_t)strlen(text));
}

static void read_text(HANDLE file, const char *wanted) {
    char text[256] = "";
    ssize_t got;

    calling("MprFileRead()");
    got = MprFileRead(file, text, sizeof(text) - 1);
    gave(got, (int64_t)strlen(wanted));
    remark("\"%s\"", text);
    if (strcmp(text, wanted) != 0)
        surprise("\"%s\" was expected", wanted);
}

/* What the server's disk holds: looked at without the library. */
static void look_on_server(const char *directory, const char *name, const char *wanted) {
    char path[4096], text[256] = "";
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", stage_env(directory), name);
    file = fopen(path, "re");
    if (!file || !fgets(text, sizeof(text), file))
        surprise("the server has no %s", path);
    if (file)
        fclose(file);
    remark("on the server's disk, %s: \"%s\"", name, text);
    if (strcmp(text, wanted) != 0)
        surprise("\"%s\" was expected", wanted);
}

static void write_and_read(const char *path, const char *text) {
    HANDLE file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, "O_WRONLY | O_CREAT | O_TRUNC");

    write_text(file, text);
    close_file(file, 0);
    file = open_file(path, O_RDONLY, "O_RDONLY");
    read_text(file, text);
    close_file(file, 0);
}

/* ---- the scenes */

static void scene_connect(void) {
    heading(
        "1. Connect: a letter for an SMB share, one for an NFS export, and a share without one");
    connect_to("Z:", SMB_NAME, USER, stage_env("MPR_LAB_PASSWORD"), CONNECT_UPDATE_PROFILE);
    connect_to("N:", NFS_NAME, NULL, NULL, 0);
    connect_to(NULL, SMB_OTHER, USER, stage_env("MPR_LAB_PASSWORD"), 0);
}

static void scene_files(void) {
    HANDLE file;

    heading("2. Write and read a file through each");
    write_and_read("Z:\\hello.txt", "Hello SMB, from Linux");
    look_on_server("MPR_LAB_SMB_DIR", "pub/hello.txt", "Hello SMB, from Linux");
    write_and_read("N:\\hello.txt", "Hello NFS, from Linux");
    look_on_server("MPR_LAB_NFS_DIR", "rw/hello.txt", "Hello NFS, from Linux");
    remark("The third one by its name; the server lets nobody write there:");
    file = open_file(SMB_OTHER "\\readme", O_RDONLY, "O_RDONLY");
    read_text(file, "only to be read");
    close_file(file, 0);
}

static void scene_list(void) {
    heading("3. What is connected, and what is remembered for the next time");
    list(RESOURCE_CONNECTED, "RESOURCE_CONNECTED", 3);
    list(RESOURCE_REMEMBERED, "RESOURCE_REMEMBERED", 1);
}

static void scene_open_files(void) {
    HANDLE file;

    heading("4. Cancel while a file is open");
    file = open_file("Z:\\hello.txt", O_RDWR, "O_RDWR");
    cancel("Z:", 0, FALSE, ERROR_OPEN_FILES);
    remark("Nothing has happened to it:");
    read_text(file, "Hello SMB, from Linux");
    heading("5. By force");
    cancel("Z:", 0, TRUE, NO_ERROR);
    calling("MprFileWrite(\"lost\")");
    gave(MprFileWrite(file, "lost", 4), -ENOTCONN);
    close_file(file, 0);
}

static void scene_forget(void) {
    heading("6. Z: is not connected any more, but remembered; forget it");
    get_connection("Z:", ERROR_CONNECTION_UNAVAIL);
    returned(add("Z:", SMB_OTHER, USER, stage_env("MPR_LAB_PASSWORD"), 0),
             ERROR_DEVICE_ALREADY_REMEMBERED, 1);
    cancel("Z:", CONNECT_UPDATE_PROFILE, FALSE, NO_ERROR);
    list(RESOURCE_REMEMBERED, "RESOURCE_REMEMBERED", 0);
    get_connection("Z:", ERROR_NOT_CONNECTED);
}

static void scene_remote_name(void) {
    heading(
        "7. Cancel by remote name: every connection to that resource, with and without a device");
    connect_to(NULL, NFS_NAME, NULL, NULL, 0);
    list(RESOURCE_CONNECTED, "RESOURCE_CONNECTED", 3);
    cancel(NFS_NAME, 0, FALSE, NO_ERROR);
    cancel("//SMBHOST/Ro/", 0, FALSE, NO_ERROR);
    list(RESOURCE_CONNECTED, "RESOURCE_CONNECTED", 0);
}

static void scene_failures(void) {
    heading("8. What can go wrong, in words: a wrong password");
    cannot_connect("Z:", SMB_NAME, USER, "wrong-words", ERROR_LOGON_FAILURE);
    heading("9. No such share, no such export");
    cannot_connect("Z:", "\\\\smbhost\\nothing", USER, stage_env("MPR_LAB_PASSWORD"),
                   ERROR_BAD_NET_NAME);
    cannot_connect("N:", "nfshost:/nothing", NULL, NULL, ERROR_BAD_NET_NAME);
}

static void scene_stopped(void) {
    heading("10. The servers are stopped: they accept connections, and answer nothing");
    connect_to("Z:", SMB_NAME, USER, stage_env("MPR_LAB_PASSWORD"), 0);
    remark("(kill -STOP of both servers)");
    stage_ctl("smb", "stop", NULL);
    stage_ctl("nfs", "stop", NULL);
    cannot_connect("N:", NFS_NAME, NULL, NULL, ERROR_BAD_NETPATH);
    cannot_connect("Y:", SMB_OTHER, USER, stage_env("MPR_LAB_PASSWORD"), ERROR_BAD_NETPATH);
    remark("What is connected can be cancelled by force all the same:");
    cancel("Z:", 0, TRUE, NO_ERROR);
    list(RESOURCE_CONNECTED, "RESOURCE_CONNECTED", 0);
    stage_ctl("smb", "cont", NULL);
    stage_ctl("nfs", "cont", NULL);
}

/* Why nothing works, if so. */
static int show_failed(void *context, const struct mpr_provider_info *info) {
    (void)context;
    if (info->state == MPR_PROVIDER_FAILED)
        surprise("provider %s: %s", info->name, info->error);
    return 0;
}

int main(void) {
    coloured = isatty(STDOUT_FILENO);
    stage_set(NULL, "\"connect_timeout_ms\": 2000", NULL);
    printf("Drive letters for Linux: SMB server smbhost, NFS server nfshost, user anna.\n"
           "Calls as in C, with what they returned and how long they took.\n");
    MprListProviders(show_failed, NULL);
    scene_connect();
    scene_files();
    scene_list();
    scene_open_files();
    scene_forget();
    scene_remote_name();
    scene_failures();
    scene_stopped();
    stage_strike();
    if (surprises) {
        printf("\n%d results were not as they should be.\n", surprises);
        return 1;
    }
    printf("\nEvery result was as it should be.\n");
    return 0;
}
