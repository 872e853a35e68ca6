/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_lab.c: what the tests of drive processes share.
 */
#include "config.h"

#include "tests/module/drive_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_loader.h"
#include "router/mpr_secret.h"
#include "router/mpr_time.h"

#define SHARED_BYTES 0x400000

static const char *program_of(const char *name) {
    static char path[4096];
    const char *worker = secure_getenv("MPR_WORKER_PROGRAM");
    const char *slash = worker ? strrchr(worker, '/') : NULL;

    snprintf(path, sizeof path, "%.*s%s", slash ? (int)(slash - worker) + 1 : 0,
             worker ? worker : "", name);
    return path;
}

static bool write_drop_in(const char *path, const char *module, bool isolate, const char *options) {
    FILE *file = fopen(path, "we");
    bool well;

    if (!file)
        return false;
    well = fprintf(file,
                   "{\"name\": \"memory\", \"module\": \"%s\", \"isolate\": %s, "
                   "\"options\": {%s}}",
                   module, isolate ? "true" : "false", options ? options : "")
           > 0;
    return fclose(file) == 0 && well;
}

DWORD drive_lab_start(struct drive_lab *lab, const char *directory, bool isolate,
                      const char *options) {
    const char *modules = secure_getenv("MPR_TEST_MODULES");
    const struct mpr_option root[] = {{"root", directory}, {NULL, NULL}};
    struct mpr_failure failure = {.set = false};
    char module[4096];
    DWORD code;

    lab_deadly = true;
    *lab = (struct drive_lab){.session = NULL};
    snprintf(module, sizeof module, "%s/memory.so", modules ? modules : ".libs");
    snprintf(lab->drop_in, sizeof lab->drop_in, "%s/providers.d", directory);
    if (mkdir(lab->drop_in, 0755) && errno != EEXIST)
        return ERROR_ACCESS_DENIED;
    snprintf(lab->drop_in, sizeof lab->drop_in, "%s/providers.d/10-memory.json", directory);
    if (!write_drop_in(lab->drop_in, module, isolate, options))
        return ERROR_ACCESS_DENIED;
    code = mpr_loader_open(module, &failure, &lab->lab.front);
    if (code == NO_ERROR)
        code = lab_start_with(&lab->lab, program_of("mpr-drive"), lab->drop_in, root);
    return code;
}

void drive_lab_stop(struct drive_lab *lab) {
    lab_stop(&lab->lab);
}

uint32_t drive_lab_connect(struct drive_lab *lab, const char *remote, const char *password) {
    return lab_connect(&lab->lab, &lab->call, remote, password, &lab->session);
}

uint32_t drive_lab_disconnect(struct drive_lab *lab, bool force) {
    uint32_t code = lab->lab.table->disconnect(lab->session, lab_call(&lab->call, 20000), force);

    if (code == NO_ERROR || force)
        lab->session = NULL;
    return code;
}

/* ---- channels */

static struct mpr_worker_process *make_process(int fds[MPR_WIRE_FDS]) {
    struct mpr_worker_process *process = calloc(1, sizeof *process);
    int command[2], control[2];

    if (!process || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, command)
        || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control))
        abort();
    process->command = command[0];
    process->control = control[0];
    process->pidfd = -1;
    fds[0] = command[1];
    fds[1] = control[1];
    fds[2] = memfd_create("channel", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    process->data_size = SHARED_BYTES;
    if (ftruncate(fds[2], MPR_WIRE_SHARED_HEAD + SHARED_BYTES)
        || fcntl(fds[2], F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW))
        abort();
    process->shared = mmap(NULL, MPR_WIRE_SHARED_HEAD + SHARED_BYTES, PROT_READ | PROT_WRITE,
                           MAP_SHARED, fds[2], 0);
    process->data = (unsigned char *)process->shared + MPR_WIRE_SHARED_HEAD;
    return process;
}

static int await_hello(struct mpr_worker_process *process) {
    struct mpr_worker_wait wait = {mpr_deadline_in_ms(20000), -1, -1};
    int rc = mpr_worker_wait_for(&wait, process->command);
    struct mpr_wire wire;
    ssize_t size;

    if (rc)
        return rc;
    size =
        mpr_wire_receive(process->command, process->message, sizeof process->message, NULL, false);
    if (size < 0)
        return (int)size;
    wire = mpr_wire_from(process->message, (size_t)size, 0);
    return mpr_wire_get_kind(&wire) == MPR_WIRE_hello ? 0 : -EBADMSG;
}

int lab_channel_open(struct drive_lab *lab, struct lab_channel *channel) {
    struct mpr_wire_attach_args attach = {.shared_size = MPR_WIRE_SHARED_HEAD + SHARED_BYTES};
    struct mpr_wire_attach_ret attached;
    struct mpr_wire_connect_args args = {.remote = "x"};
    struct mpr_wire_connect_ret ret;
    int fds[MPR_WIRE_FDS];
    int rc;

    channel->process = make_process(fds);
    rc = (int)LAB_DRIVE_RUN(lab, attach, &attach, &attached, .fds = fds, .fd_count = MPR_WIRE_FDS);
    mpr_wire_close(fds, MPR_WIRE_FDS);
    if (rc == 0)
        rc = await_hello(channel->process);
    if (rc == 0)
        rc = (int)LAB_CHANNEL_RUN(channel, 20000, connect, &args, &ret);
    if (rc)
        lab_channel_close(channel);
    return rc;
}

void lab_channel_close(struct lab_channel *channel) {
    mpr_worker_process_free(channel->process, false);
    channel->process = NULL;
}

int64_t lab_channel_run(struct lab_channel *channel, struct mpr_worker_run *run) {
    int rc;

    run->wait = (struct mpr_worker_wait){run->call->deadline_ns, run->call->cancel_fd, -1};
    rc = mpr_worker_process_run(channel->process, run);
    return rc ? rc : run->reply.result;
}

int64_t lab_channel_file(struct lab_channel *channel, const char *path, uint32_t flags) {
    struct mpr_wire_open_args args = {.path = path, .flags = flags, .mode = 0644};
    struct mpr_wire_open_ret ret;
    int64_t rc = LAB_CHANNEL_RUN(channel, 20000, open, &args, &ret);

    return rc ? rc : (int64_t)ret.file;
}
