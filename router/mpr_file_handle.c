/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_file_handle.c: open files of file.h.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include <mpr/file.h>
#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_dir.h"
#include "router/mpr_file_enter.h"
#include "router/mpr_handle.h"
#include "router/mpr_name.h"
#include "router/mpr_time.h"
#include "router/mpr_utf.h"

#define OPEN_FLAGS    (O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC)

/* What is under way on a handle that is closed has a bound of its own, below this. */
#define CLOSE_WAIT_MS 60000

struct open_file {
    struct mpr_conn *conn; /* with a reference */
    void *file;            /* the provider's; not to be touched when the connection is gone */
    int flags;
    uint32_t io_timeout_ms;
    atomic_bool dirty; /* written to since the last fsync that succeeded */
    struct mpr_gate position_gate;
    uint64_t position; /* by who is in the gate */
};

/* --- the frame --- */

/* Holds the router and begins an operation. A router that was ended is not started for it. */
static int begin(struct mpr_conn *conn, struct mpr_operation *op) {
    struct mpr_instance *instance;
    int rc = mpr_conntab_is_connected(conn) ? mpr_file_enter_router(&instance) : -ENOTCONN;

    if (rc)
        return rc;
    rc = mpr_operation_begin(conn, op);
    op->instance = instance;
    if (rc)
        mpr_runtime_leave(instance);
    return rc;
}

static int64_t end(struct mpr_operation *op, int files, int64_t result) {
    result = mpr_operation_end(op, files, result);
    mpr_runtime_leave(op->instance);
    return result;
}

/* Acquires a handle's file and begins an operation on it. */
static int enter_file(HANDLE handle, struct open_file **ret_file, struct mpr_operation *op) {
    struct open_file *file = mpr_handle_acquire(handle, MPR_HANDLE_FILE);
    int rc;

    if (!file)
        return -EBADF;
    rc = begin(file->conn, op);
    if (rc) {
        mpr_handle_release(handle);
        return rc;
    }
    *ret_file = file;
    return 0;
}

static int leave_file(HANDLE handle, struct mpr_operation *op, int64_t result) {
    result = end(op, 0, result);
    mpr_handle_release(handle);
    return (int)result;
}

static void free_file(struct open_file *file) {
    mpr_gate_clear(&file->position_gate);
    mpr_conntab_unref(file->conn);
    free(file);
}

/* --- open and close --- */

static int check_open(int flags, const HANDLE *ret_file) {
    if (!ret_file || (flags & O_ACCMODE) == O_ACCMODE)
        return -EINVAL;
    return (flags & O_EXCL) && !(flags & O_CREAT) ? -EINVAL : 0;
}

static void close_abandoned(void *object);

/* What is to be opened: a file at a path, or a print job (path NULL). */
struct opening {
    const char *path;
    uint32_t mode;
    const char *document;
};

static int open_in(struct mpr_operation *op, const struct opening *opening,
                   struct open_file *file) {
    const struct mpr_provider *table = op->np->table;

    if (!opening->path)
        return table->print(op->session, &op->call, opening->document, &file->file);
    return table->open(op->session, &op->call, opening->path, file->flags & OPEN_FLAGS,
                       opening->mode, &file->file);
}

/* The handle is there before the file, which may be a new one. */
static int open_handle(struct mpr_operation *op, const struct opening *opening,
                       struct open_file *file, HANDLE *ret_handle) {
    const struct mpr_provider *table = op->np->table;
    HANDLE handle;
    void *object;
    int rc;

    if (!table->close || !(opening->path ? table->open != NULL : table->print != NULL))
        return -ENOTSUP;
    if (opening->path && !*opening->path)
        return -EISDIR;
    if (mpr_handle_new(MPR_HANDLE_RESERVED, file, close_abandoned, &handle) != NO_ERROR)
        return -ENOMEM;
    rc = open_in(op, opening, file);
    if (rc) {
        mpr_handle_close(handle, MPR_HANDLE_RESERVED, 0, &object);
        return rc;
    }
    mpr_handle_become(handle, MPR_HANDLE_FILE);
    *ret_handle = handle;
    return 0;
}

/* The operation that opens: begun by the caller, ended here. Takes the entry's connection. */
static int open_entry(struct mpr_file_entry *entry, struct mpr_operation *op,
                      const struct opening *opening, int flags, HANDLE *ret_handle) {
    struct open_file *file = calloc(1, sizeof *file);
    int rc = -ENOMEM;

    if (file) {
        file->flags = flags;
        file->conn = entry->target.conn;
        file->io_timeout_ms = op->np->io_timeout_ms;
        mpr_gate_init(&file->position_gate);
        rc = open_handle(op, opening, file, ret_handle);
    }
    rc = (int)mpr_operation_end(op, rc == 0, rc);
    if (!rc) {
        entry->target.conn = NULL; /* the file's now */
    } else if (file) {
        mpr_gate_clear(&file->position_gate);
        free(file);
    }
    mpr_file_leave(entry);
    return rc;
}

int MprFileOpen(LPCSTR path, int flags, DWORD mode, HANDLE *ret_file) {
    struct opening opening = {.mode = mode};
    struct mpr_file_entry entry = {0};
    struct mpr_operation op;
    int rc = check_open(flags, ret_file);

    if (!rc)
        rc = mpr_file_enter(path, &entry, &op);
    if (rc)
        return rc;
    opening.path = entry.target.path;
    return open_entry(&entry, &op, &opening, flags, ret_file);
}

int MprPrintOpen(LPCSTR name, LPCSTR document, HANDLE *ret_job) {
    struct opening opening = {.document = document ? document : ""};
    struct mpr_file_entry entry = {0};
    struct mpr_operation op;
    int rc;

    if (!ret_job || (document && (!mpr_utf_valid(document) || mpr_name_has_control(document))))
        return -EINVAL;
    rc = mpr_file_enter_resource(name, &entry, &op);
    return rc ? rc : open_entry(&entry, &op, &opening, O_WRONLY, ret_job);
}

static int close_file(struct open_file *file) {
    struct mpr_operation op;
    int rc = begin(file->conn, &op);

    if (!rc) {
        rc = op.np->table->close(op.session, &op.call, file->file);
        rc = (int)end(&op, -1, rc);
    } else {
        /* The provider's file went with its session; or goes with it, if it is only busy. */
        mpr_conntab_forget_file(file->conn);
    }
    if (rc == -ENOTCONN && !atomic_load(&file->dirty))
        rc = 0;
    free_file(file);
    return rc;
}

static void close_abandoned(void *object) {
    close_file(object);
}

int MprFileClose(HANDLE file) {
    void *closing;

    switch (mpr_handle_close(file, MPR_HANDLE_FILE, mpr_deadline_in_ms(CLOSE_WAIT_MS), &closing)) {
    case NO_ERROR:
        return close_file(closing);
    case ERROR_BUSY:
        return -EBUSY;
    default:
        return mpr_dir_close(file);
    }
}

/* --- reading and writing --- */

static int64_t transfer_once(HANDLE handle, bool is_write, char *data, size_t size, uint64_t offset,
                             size_t *ret_asked) {
    struct mpr_operation op;
    struct open_file *file;
    const struct mpr_provider *table;
    int64_t n = enter_file(handle, &file, &op);

    if (n)
        return n;
    table = op.np->table;
    *ret_asked = size < table->max_io ? size : table->max_io;
    if (is_write) {
        n = table->pwrite
                ? table->pwrite(op.session, &op.call, file->file, data, *ret_asked, offset)
                : -ENOTSUP;
        atomic_store(&file->dirty, true);
    } else {
        n = table->pread ? table->pread(op.session, &op.call, file->file, data, *ret_asked, offset)
                         : -ENOTSUP;
    }
    if (n > (int64_t)*ret_asked || (size && !*ret_asked))
        n = -EIO; /* no provider can have done that, or goes on so */
    n = end(&op, 0, n);
    mpr_handle_release(handle);
    return n;
}

/* In pieces of the provider's max_io, each with a bound of its own. */
static ssize_t transfer(HANDLE handle, bool is_write, char *data, size_t size, uint64_t offset) {
    size_t done = 0;

    if ((!data && size) || size > SSIZE_MAX || offset > (uint64_t)INT64_MAX - size)
        return -EINVAL;
    do {
        size_t asked;
        int64_t n =
            transfer_once(handle, is_write, data + done, size - done, offset + done, &asked);

        if (n < 0)
            return done ? (ssize_t)done : (ssize_t)n;
        done += (size_t)n;
        if ((size_t)n < asked)
            break;
    } while (done < size);
    return (ssize_t)done;
}

/* Was the file opened for this? 0, or -EBADF. */
static int check_access(HANDLE handle, bool is_write) {
    struct open_file *file = mpr_handle_acquire(handle, MPR_HANDLE_FILE);
    int unfit = is_write ? O_RDONLY : O_WRONLY;
    int rc;

    if (!file)
        return -EBADF;
    rc = (file->flags & O_ACCMODE) == unfit ? -EBADF : 0;
    mpr_handle_release(handle);
    return rc;
}

ssize_t MprFilePread(HANDLE file, LPVOID data, size_t size, uint64_t offset) {
    int rc = check_access(file, false);

    return rc ? rc : transfer(file, false, data, size, offset);
}

ssize_t MprFilePwrite(HANDLE file, const void *data, size_t size, uint64_t offset) {
    int rc = check_access(file, true);

    return rc ? rc : transfer(file, true, (char *)(uintptr_t)data, size, offset);
}

/* --- the position --- */

static int64_t end_of(HANDLE handle) {
    struct mpr_stat facts;
    int rc = MprFileFstat(handle, &facts);

    return rc ? rc : (int64_t)facts.size;
}

/* Reads or writes at the position, one after the other, and moves it. */
static ssize_t transfer_here(HANDLE handle, bool is_write, char *data, size_t size) {
    struct open_file *file = mpr_handle_acquire(handle, MPR_HANDLE_FILE);
    int64_t at;
    ssize_t n;

    if (!file)
        return -EBADF;
    if (!mpr_gate_enter(&file->position_gate, mpr_deadline_in_ms(file->io_timeout_ms))) {
        mpr_handle_release(handle);
        return -ETIMEDOUT;
    }
    at = is_write && (file->flags & O_APPEND) ? end_of(handle) : (int64_t)file->position;
    n = at < 0 ? (ssize_t)at : transfer(handle, is_write, data, size, (uint64_t)at);
    if (n > 0)
        file->position = (uint64_t)at + (uint64_t)n;
    mpr_gate_leave(&file->position_gate);
    mpr_handle_release(handle);
    return n;
}

ssize_t MprFileRead(HANDLE file, LPVOID data, size_t size) {
    int rc = check_access(file, false);

    return rc ? rc : transfer_here(file, false, data, size);
}

ssize_t MprFileWrite(HANDLE file, const void *data, size_t size) {
    int rc = check_access(file, true);

    return rc ? rc : transfer_here(file, true, (char *)(uintptr_t)data, size);
}

static int64_t seek(HANDLE handle, struct open_file *file, int64_t offset, int whence) {
    int64_t base = 0;

    if (whence == SEEK_CUR)
        base = (int64_t)file->position;
    else if (whence == SEEK_END)
        base = end_of(handle);
    else if (whence != SEEK_SET)
        return -EINVAL;
    if (base < 0)
        return base;
    if (offset > INT64_MAX - base || base + offset < 0)
        return -EINVAL;
    file->position = (uint64_t)(base + offset);
    return base + offset;
}

int64_t MprFileSeek(HANDLE file, int64_t offset, int whence) {
    struct open_file *seeking = mpr_handle_acquire(file, MPR_HANDLE_FILE);
    int64_t rc = -ETIMEDOUT;

    if (!seeking)
        return -EBADF;
    if (mpr_gate_enter(&seeking->position_gate, mpr_deadline_in_ms(seeking->io_timeout_ms))) {
        rc = seek(file, seeking, offset, whence);
        mpr_gate_leave(&seeking->position_gate);
    }
    mpr_handle_release(file);
    return rc;
}

/* --- the rest --- */

int MprFileFsync(HANDLE file) {
    struct mpr_operation op;
    struct open_file *open;
    bool was_dirty;
    int rc = enter_file(file, &open, &op);

    if (rc)
        return rc;
    /* Cleared first: what another thread writes meanwhile may not be part of it. */
    was_dirty = atomic_exchange(&open->dirty, false);
    rc = op.np->table->fsync ? op.np->table->fsync(op.session, &op.call, open->file) : -ENOTSUP;
    if (rc && was_dirty)
        atomic_store(&open->dirty, true);
    return leave_file(file, &op, rc);
}

int MprFileFstat(HANDLE file, struct mpr_stat *ret_stat) {
    struct mpr_operation op;
    struct open_file *open;
    struct mpr_stat got;
    int rc = ret_stat ? enter_file(file, &open, &op) : -EINVAL;

    if (rc)
        return rc;
    rc = op.np->table->fstat ? op.np->table->fstat(op.session, &op.call, open->file, &got)
                             : -ENOTSUP;
    rc = leave_file(file, &op, rc);
    if (!rc)
        *ret_stat = got;
    return rc;
}

int MprFileFtruncate(HANDLE file, uint64_t size) {
    struct mpr_operation op;
    struct open_file *open;
    int rc = check_access(file, true);

    if (!rc)
        rc = enter_file(file, &open, &op);
    if (rc)
        return rc;
    rc = op.np->table->truncate
             ? op.np->table->truncate(op.session, &op.call, NULL, open->file, size)
             : -ENOTSUP;
    atomic_store(&open->dirty, true);
    return leave_file(file, &op, rc);
}
