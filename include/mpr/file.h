/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * file.h: files on a connection.
 *
 * On Windows the kernel serves files on a connected resource. Here these
 * functions do, without root and without a mount. A path is one of
 *
 *   Z:\dir\file   Z:/dir/file           on the connection of that device
 *   \\server\share\dir\file             on the connection that bears the
 *   server:/export/dir/file  ...        longest matching remote name
 *
 * in UTF-8; '\' and '/' both separate. "." and ".." as components are refused
 * with -EINVAL: a path never leaves its connection.
 *
 * Results are 0 or a count, or -errno: -ENOTCONN no such connection (also on
 * every handle after the connection was cancelled by force), -EBADF a handle
 * that is none, -EINVAL a bad argument, -ENOTSUP the provider cannot do it,
 * -ETIMEDOUT the bound was reached, -EBUSY a provider that takes one call at a
 * time was at work for as long (or the call came from inside a provider), -ENOMEM, -EMFILE,
 * and whatever the server answered. These functions do not set MprGetLastError.
 *
 * Every function may be called from any thread. Calls on one handle that move
 * its position (MprFileRead, MprFileWrite, MprFileSeek) are carried out one
 * after the other; MprFilePread and MprFilePwrite may run in parallel.
 *
 * The whole of this header is our own design; Windows has no counterpart.
 */
#ifndef MPR_FILE_H
#define MPR_FILE_H

#include <sys/types.h>

#include <mpr/mprtypes.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Attributes that the server sent are marked in mpr_stat.valid. */
#define MPR_STAT_INO   0x1u /**< ino is the server's and lasts */
#define MPR_STAT_MODE  0x2u /**< permission bits are the server's, not made up */
#define MPR_STAT_OWNER 0x4u /**< uid and gid are the server's */

/**
 * Attributes of a file. Fixed layout: it crosses process borders.
 */
struct mpr_stat {
    uint64_t ino;     /**< file id; 0 where unknown */
    uint64_t size;    /**< bytes */
    uint64_t space;   /**< bytes that it takes on the server; 0 where unknown */
    int64_t atime_ns; /**< nanoseconds since 1970 */
    int64_t mtime_ns; /**< nanoseconds since 1970 */
    int64_t ctime_ns; /**< nanoseconds since 1970 */
    uint32_t mode;    /**< type and permissions as in <sys/stat.h> */
    uint32_t nlink;   /**< links; at least 1 */
    uint32_t uid;     /**< owner */
    uint32_t gid;     /**< group */
    uint32_t valid;   /**< MPR_STAT_ bits */
    uint32_t rdev;    /**< device number of a device node */
};

/**
 * Facts about the file system behind a connection. Fixed layout.
 */
struct mpr_statvfs {
    uint64_t block_size;   /**< bytes; unit of the three counts below */
    uint64_t blocks;       /**< whole size */
    uint64_t blocks_free;  /**< free */
    uint64_t blocks_avail; /**< free for this user */
    uint64_t files;        /**< inodes; 0 where unknown */
    uint64_t files_free;   /**< free inodes */
    uint32_t name_max;     /**< bytes of a name */
    uint32_t read_only;    /**< 1 if nothing can be written */
};

/**
 * Opens a file.
 *
 * path      UTF-8, see above.
 * flags     of open(2): O_RDONLY, O_WRONLY or O_RDWR, with O_CREAT, O_EXCL,
 *           O_TRUNC, O_APPEND; others are ignored.
 * mode      permissions of a file that is created, where the server has them.
 * ret_file  receives the handle; untouched on failure. Close it with
 *           MprFileClose. While it is open WNetCancelConnection2 without force
 *           answers ERROR_OPEN_FILES.
 *
 * Returns 0 or -errno (-EISDIR for a directory).
 */
MPRAPI int MPRCALL MprFileOpen(LPCSTR path, int flags, DWORD mode, HANDLE *ret_file);

/**
 * Opens a print job on a connected printer. Write the document with
 * MprFileWrite or MprFilePwrite; MprFileClose sends it to the printer. If its
 * connection is cancelled by force before that, or is lost, the job is over, and
 * whether the part that the server has is printed is the server's affair.
 *
 * name      UTF-8: the device, "LPT1" or "LPT1:", or the remote name of a
 *           connection, exactly, as "\\server\printer". Not a path.
 * document  UTF-8: the name under which a print queue shows the job; NULL
 *           where there is none. A provider may change or drop what its
 *           printers do not have in names.
 * ret_job   receives the handle; untouched on failure. It can be written only.
 *           While it is open WNetCancelConnection2 without force answers
 *           ERROR_OPEN_FILES.
 *
 * Returns 0 or -errno: -ENOTSUP also if the connection is no printer.
 */
MPRAPI int MPRCALL MprPrintOpen(LPCSTR name, LPCSTR document, HANDLE *ret_job);

/**
 * Closes a handle of MprFileOpen, MprPrintOpen or MprDirOpen, also one whose
 * connection is gone. The handle is invalid afterwards whatever is returned. An
 * operation under way on it in another thread is waited for.
 *
 * Returns 0; -EBADF; -EBUSY if that operation does not end in a minute: the
 * file is closed when it does; or the -errno that the server gave, which means
 * that what was written last may be lost, and of a print job that it may not
 * be printed. After a forced cancel: 0 if nothing was written since the last
 * MprFileFsync, else -ENOTCONN.
 */
MPRAPI int MPRCALL MprFileClose(HANDLE file);

/**
 * Reads at the handle's position and moves it.
 *
 * Returns the bytes read, less than size only at the end of the file; or -errno.
 */
MPRAPI ssize_t MPRCALL MprFileRead(HANDLE file, LPVOID data, size_t size);

/**
 * Writes at the handle's position (with O_APPEND: at the end) and moves it.
 *
 * Returns the bytes written, all of them unless an error came after a part;
 * or -errno.
 */
MPRAPI ssize_t MPRCALL MprFileWrite(HANDLE file, const void *data, size_t size);

/** Reads at offset (bytes); the position stays. Returns as MprFileRead. */
MPRAPI ssize_t MPRCALL MprFilePread(HANDLE file, LPVOID data, size_t size, uint64_t offset);

/** Writes at offset (bytes); the position stays. Returns as MprFileWrite. */
MPRAPI ssize_t MPRCALL MprFilePwrite(HANDLE file, const void *data, size_t size, uint64_t offset);

/**
 * Moves the position. whence is SEEK_SET, SEEK_CUR or SEEK_END.
 *
 * Returns the new position in bytes from the start, or -errno.
 */
MPRAPI int64_t MPRCALL MprFileSeek(HANDLE file, int64_t offset, int whence);

/** Returns 0 when everything written through the handle is stable, or -errno. */
MPRAPI int MPRCALL MprFileFsync(HANDLE file);

/** Attributes of an open file; *ret_stat is untouched on failure. Returns 0 or -errno. */
MPRAPI int MPRCALL MprFileFstat(HANDLE file, struct mpr_stat *ret_stat);

/** Sets the size of an open file in bytes. Returns 0 or -errno. */
MPRAPI int MPRCALL MprFileFtruncate(HANDLE file, uint64_t size);

/** Attributes of the file at path; *ret_stat is untouched on failure. Returns 0 or -errno. */
MPRAPI int MPRCALL MprFileStat(LPCSTR path, struct mpr_stat *ret_stat);

/** Sets the size of the file at path in bytes. Returns 0 or -errno. */
MPRAPI int MPRCALL MprFileTruncate(LPCSTR path, uint64_t size);

/** Makes a directory. mode as for MprFileOpen. Returns 0 or -errno. */
MPRAPI int MPRCALL MprFileMkdir(LPCSTR path, DWORD mode);

/** Removes an empty directory. Returns 0 or -errno (-ENOTEMPTY). */
MPRAPI int MPRCALL MprFileRmdir(LPCSTR path);

/** Removes a file. Returns 0 or -errno (-EISDIR for a directory). */
MPRAPI int MPRCALL MprFileUnlink(LPCSTR path);

/**
 * Renames within one connection; an existing file of the new name is replaced.
 *
 * Returns 0 or -errno (-EXDEV when the two paths are not on one connection).
 */
MPRAPI int MPRCALL MprFileRename(LPCSTR from, LPCSTR to);

/** Facts about the file system of path's connection. Returns 0 or -errno. */
MPRAPI int MPRCALL MprFileStatvfs(LPCSTR path, struct mpr_statvfs *ret_facts);

/**
 * Opens a directory for MprDirRead. It counts as an open file. The listing is
 * read whole, with attributes, before this returns.
 *
 * Returns 0 or -errno (-ENOTDIR).
 */
MPRAPI int MPRCALL MprDirOpen(LPCSTR path, HANDLE *ret_dir);

/**
 * The next entry of a directory; "." and ".." are left out.
 *
 * ret_name  UTF-8, valid until the next call with this handle.
 * ret_stat  attributes, or NULL.
 *
 * Returns 1 for an entry, 0 at the end, or -errno.
 */
MPRAPI int MPRCALL MprDirRead(HANDLE dir, LPCSTR *ret_name, struct mpr_stat *ret_stat);

#ifdef __cplusplus
}
#endif

#endif
