/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_dir.c: directories of file.h: a listing in memory behind a handle.
 */
#include "config.h"

#include "router/mpr_dir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/file.h>
#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_file_enter.h"
#include "router/mpr_handle.h"
#include "router/mpr_time.h"

/* Who reads it in another thread is done in a moment. */
#define CLOSE_WAIT_MS 1000

struct entry {
    struct mpr_stat attributes;
    size_t name; /* where in names */
};

struct open_dir {
    struct mpr_conn *conn; /* with a reference */
    struct mpr_lock lock;  /* of at */
    size_t at;
    struct entry *entries;
    size_t count, room;
    char *names; /* NUL-terminated, one after the other */
    size_t names_size, names_room;
    bool out_of_memory;
};

static bool grow(void **array, size_t *room, size_t needed, size_t item) {
    size_t more = *room ? *room : 64;
    void *larger;

    if (needed <= *room)
        return true;
    while (more < needed)
        more *= 2;
    larger = reallocarray(*array, more, item);
    if (!larger)
        return false;
    *array = larger;
    *room = more;
    return true;
}

/* Takes one entry; mpr_dirent_fn. */
static int keep(void *context, const char *name, const struct mpr_stat *attributes) {
    struct open_dir *dir = context;
    size_t length = strlen(name) + 1;
    void *entries = dir->entries;
    void *names = dir->names;

    dir->out_of_memory = !grow(&entries, &dir->room, dir->count + 1, sizeof *dir->entries)
                         || !grow(&names, &dir->names_room, dir->names_size + length, 1);
    dir->entries = entries;
    dir->names = names;
    if (dir->out_of_memory)
        return 1;
    dir->entries[dir->count++] = (struct entry){.attributes = *attributes, .name = dir->names_size};
    memcpy(dir->names + dir->names_size, name, length);
    dir->names_size += length;
    return 0;
}

static void free_dir(void *object) {
    struct open_dir *dir = object;

    if (dir->conn) {
        mpr_conntab_forget_file(dir->conn);
        mpr_conntab_unref(dir->conn);
    }
    pthread_mutex_destroy(&dir->lock.mutex);
    free(dir->entries);
    free(dir->names);
    free(dir);
}

static int read_whole(struct mpr_operation *op, const char *path, struct open_dir *dir,
                      HANDLE *ret_handle) {
    int rc = op->np->table->readdir
                 ? op->np->table->readdir(op->session, &op->call, path, keep, dir)
                 : -ENOTSUP;

    if (dir->out_of_memory)
        rc = -ENOMEM;
    if (!rc && mpr_handle_new(MPR_HANDLE_DIR, dir, free_dir, ret_handle) != NO_ERROR)
        rc = -ENOMEM;
    return rc;
}

int MprDirOpen(LPCSTR path, HANDLE *ret_dir) {
    struct mpr_file_entry entry = {0};
    struct mpr_operation op;
    struct open_dir *dir;
    HANDLE handle;
    int rc;

    if (!ret_dir)
        return -EINVAL;
    dir = calloc(1, sizeof *dir);
    if (!dir)
        return -ENOMEM;
    pthread_mutex_init(&dir->lock.mutex, NULL);
    rc = mpr_file_enter(path, &entry, &op);
    if (!rc) {
        dir->conn = entry.target.conn;
        rc = read_whole(&op, entry.target.path, dir, &handle);
        rc = (int)mpr_operation_end(&op, rc == 0, rc);
        if (!rc)
            entry.target.conn = NULL; /* the directory's now */
        mpr_file_leave(&entry);
    }
    if (rc) {
        dir->conn = NULL;
        free_dir(dir);
        return rc;
    }
    *ret_dir = handle;
    return 0;
}

/* Is the connection still there, and this process its own, not a child? 0 or -errno. */
static int check_connection(struct mpr_conn *conn) {
    struct mpr_instance *instance;
    int rc = mpr_conntab_is_connected(conn) ? mpr_file_enter_router(&instance) : -ENOTCONN;

    if (!rc)
        mpr_runtime_leave(instance);
    return rc;
}

static int next(struct open_dir *dir, LPCSTR *ret_name, struct mpr_stat *ret_stat) {
    const struct entry *entry = NULL;
    int rc = check_connection(dir->conn);

    if (rc)
        return rc;
    mpr_lock(&dir->lock);
    if (dir->at < dir->count)
        entry = &dir->entries[dir->at++];
    mpr_unlock(&dir->lock);
    if (!entry)
        return 0;
    *ret_name = dir->names + entry->name;
    if (ret_stat)
        *ret_stat = entry->attributes;
    return 1;
}

int MprDirRead(HANDLE dir, LPCSTR *ret_name, struct mpr_stat *ret_stat) {
    struct open_dir *reading;
    int rc;

    if (!ret_name)
        return -EINVAL;
    reading = mpr_handle_acquire(dir, MPR_HANDLE_DIR);
    if (!reading)
        return -EBADF;
    rc = next(reading, ret_name, ret_stat);
    mpr_handle_release(dir);
    return rc;
}

int mpr_dir_close(HANDLE dir) {
    void *closing;
    DWORD rc = mpr_handle_close(dir, MPR_HANDLE_DIR, mpr_deadline_in_ms(CLOSE_WAIT_MS), &closing);

    if (rc == NO_ERROR)
        free_dir(closing);
    return rc == ERROR_INVALID_HANDLE ? -EBADF : 0;
}
