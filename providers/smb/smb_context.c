/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_context.c: creates the library's context.
 *
 * The first context of a process reads $HOME/.smb/smb.conf or, without one,
 * /etc/samba/smb.conf, and what it read there stays in force where a later
 * configuration is silent. So HOME is, for the time of that one call, a
 * directory whose .smb/smb.conf is a link to a memory file of ours.
 */
#include "config.h"

#include "providers/smb/smb_context.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>

#define CONFIG_MAX 2048
#define HOME_MAX   256

/* The directory that stands for HOME. */
struct home {
    char dir[HOME_MAX], folder[HOME_MAX + 8], file[HOME_MAX + 24];
    int config; /* the memory file */
};

static int make_config(const struct smb_options *options) {
    char text[CONFIG_MAX];
    int length = smb_options_config(options, text, sizeof text);
    int fd = length < 0 ? -1 : memfd_create("smb.conf", MFD_CLOEXEC);

    if (fd >= 0 && write(fd, text, (size_t)length) != length) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* That of another user, as su leaves it, counts as unset. */
static const char *get_runtime(void) {
    const char *path = secure_getenv("XDG_RUNTIME_DIR");
    struct stat facts;

    return path && stat(path, &facts) == 0 && facts.st_uid == geteuid() ? path : NULL;
}

static int make_directory(struct home *home) {
    const char *const parents[] = {secure_getenv("TMPDIR"), get_runtime(), "/tmp", "/dev/shm"};

    for (size_t i = 0; i < sizeof parents / sizeof parents[0]; i++) {
        int length;

        if (!parents[i] || parents[i][0] != '/')
            continue;
        length = snprintf(home->dir, sizeof home->dir, "%s/mpr-smb-XXXXXX", parents[i]);
        if (length > 0 && (size_t)length < sizeof home->dir && mkdtemp(home->dir))
            return 0;
    }
    home->dir[0] = '\0';
    return -1;
}

static void remove_home(struct home *home) {
    if (home->dir[0]) {
        unlink(home->file);
        rmdir(home->folder);
        rmdir(home->dir);
    }
    if (home->config >= 0)
        close(home->config);
}

/* Makes the directory, and makes sure that the library will find the file in it. */
static int make_home(struct home *home, const struct smb_options *options) {
    char target[64];
    int fd;

    home->dir[0] = '\0';
    home->config = make_config(options);
    if (home->config < 0 || make_directory(home))
        return -1;
    snprintf(home->folder, sizeof home->folder, "%s/.smb", home->dir);
    snprintf(home->file, sizeof home->file, "%s/smb.conf", home->folder);
    snprintf(target, sizeof target, "/proc/self/fd/%d", home->config);
    if (mkdir(home->folder, 0700) || symlink(target, home->file))
        return -1;
    fd = open(home->file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    close(fd);
    return 0;
}

static SMBCCTX *create_context(const struct home *home) {
    const char *before = secure_getenv("HOME");
    char *saved = before ? strdup(before) : NULL;
    SMBCCTX *context = NULL;

    if ((before && !saved) || setenv("HOME", home->dir, 1)) {
        free(saved);
        errno = ENOMEM;
        return NULL;
    }
    context = smbc_new_context();
    if (saved)
        setenv("HOME", saved, 1);
    else
        unsetenv("HOME");
    free(saved);
    return context;
}

static void take_log(void *data, int level, const char *message) {
    struct smb_state *state = data;

    (void)level;
    smb_watch_line(&state->watch, message);
}

static void discard_log(void *data, int level, const char *message) {
    (void)data;
    (void)level;
    (void)message;
}

void smb_context_watch(struct smb_state *state, bool on) {
    smbc_setLogCallback(state->context, state, on ? take_log : discard_log);
    smbc_setDebug(state->context, on ? SMB_WATCH_LEVEL : 0);
}

/* A lost connection must not be made anew behind our back, with an empty password. */
static int accept_server(SMBCCTX *context, SMBCSRV *server) {
    (void)context;
    (void)server;
    return 0;
}

static int notice_removal(SMBCCTX *context, SMBCSRV *server) {
    struct smb_state *state = smbc_getOptionUserData(context);

    state->dropped = true;
    return state->remove_server(context, server);
}

/* While a session is up only the user's name is given: the library looks its server up by it. */
static void give_identity(SMBCCTX *context, const char *server, const char *share, char *domain,
                          int domain_size, char *user, int user_size, char *password,
                          int password_size) {
    const struct smb_state *state = smbc_getOptionUserData(context);
    const struct smb_logon *logon = state->logon;

    (void)server;
    (void)share;
    if (!logon)
        return;
    snprintf(domain, (size_t)domain_size, "%s",
             logon->identity.domain[0] ? logon->identity.domain : state->options.workgroup);
    snprintf(user, (size_t)user_size, "%s", logon->identity.user);
    snprintf(password, (size_t)password_size, "%s", logon->password);
}

static void set_options(struct smb_state *state) {
    SMBCCTX *context = state->context;

    smb_context_watch(state, false);
    smbc_setOptionUserData(context, state);
    smbc_setFunctionAuthDataWithContext(context, give_identity);
    smbc_setFunctionCheckServer(context, accept_server);
    state->remove_server = smbc_getFunctionRemoveCachedServer(context);
    smbc_setFunctionRemoveCachedServer(context, notice_removal);
    smbc_setOptionNoAutoAnonymousLogin(context, 1);
    smbc_setOptionUseCCache(context, 0);
    smbc_setOptionUrlEncodeReaddirEntries(context, 0);
    smbc_setTimeout(context, (int)state->options.io_timeout_ms);
    if (state->options.encryption == SMB_REQUIRED)
        smbc_setOptionSmbEncryptionLevel(context, SMBC_ENCRYPTLEVEL_REQUIRE);
    else if (state->options.encryption == SMB_OFF)
        smbc_setOptionSmbEncryptionLevel(context, SMBC_ENCRYPTLEVEL_NONE);
}

/* The code of what the C library says, which the SMB library hands on. */
static uint32_t code_of(int error, uint32_t otherwise) {
    if (error == EMFILE || error == ENFILE)
        return ERROR_TOO_MANY_OPEN_FILES;
    return error == ENOMEM ? ERROR_NOT_ENOUGH_MEMORY : otherwise;
}

uint32_t smb_context_open(struct smb_state *state, char *error, size_t error_size) {
    struct home home;
    uint32_t rc = NO_ERROR;

    if (make_home(&home, &state->options)) {
        rc = code_of(errno, ERROR_OPEN_FAILED);
        snprintf(error, error_size, "No configuration could be made for the SMB library: %s.",
                 strerror(errno));
    } else if (!(state->context = create_context(&home))) {
        rc = code_of(errno, ERROR_DLL_INIT_FAILED);
        snprintf(error, error_size, "The SMB library could not be set up: %s.", strerror(errno));
    }
    remove_home(&home);
    if (rc)
        return rc;
    set_options(state);
    if (!smbc_init_context(state->context)) {
        snprintf(error, error_size, "The SMB library could not be set up: %s.", strerror(errno));
        smb_context_close(state);
        return ERROR_DLL_INIT_FAILED;
    }
    return NO_ERROR;
}

void smb_context_close(struct smb_state *state) {
    if (state->context)
        smbc_free_context(state->context, 1);
    state->context = NULL;
}
