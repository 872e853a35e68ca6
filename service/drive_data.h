/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_data.h: what the files that handle contents share.
 *
 *   drive_data.c         opening, making, releasing; which nodes are open
 *   drive_data_file.c    files at the server: opened, opened again, given up
 *   drive_data_read.c    reading
 *   drive_data_ahead.c   what is fetched before it is asked for
 *   drive_data_write.c   what is not yet written, and errors
 *   drive_data_flush.c   writing it: in the background, at close, fsync and truncate
 *   drive_data_pace.c    how much at a time, and how long one waits for it
 *   drive_data_piece.c   runs of bytes of a file in memory
 *   drive_data_threads.c threads for the background
 *
 * The bytes of a file at the server come in two kinds of pieces. Fetched ones are
 * copies for readers and may be forgotten at any time. Unwritten ones are what
 * processes have written; where they overlap, the youngest wins, and over all of them
 * any fetched one. Two that are being written never overlap, and of two dirty ones
 * neither, so that what reaches the server is in the order of the writes.
 *
 * A content's lock is taken before that of the drive's data, and none is held while
 * the server is asked.
 */
#ifndef DRIVE_DATA_H
#define DRIVE_DATA_H

#include <sys/types.h>

#include "router/mpr_lock.h"
#include "router/mpr_time.h"
#include "service/drive.h"

#define KIB(n)             ((size_t)(n) << 10)
#define MIB(n)             ((size_t)(n) << 20)

#define DRIVE_PIECES_MAX   MIB(256) /* memory of a drive for contents */
#define DRIVE_UNWRITTEN    MIB(64)  /* of one file, before writers wait */
#define DRIVE_UNWRITTEN_N  256      /* pieces, likewise */
#define DRIVE_KEPT         MIB(8)   /* of one file, written and not yet stable */
#define DRIVE_KEPT_N       256      /* pieces, likewise */
#define DRIVE_AHEAD_MAX    MIB(64)  /* fetched for one file */
#define DRIVE_REQUEST_MAX  MIB(32)  /* one read at the server */
#define DRIVE_UNWRITTEN_MS 1000     /* how long it stays so without a close */
#define DRIVE_IDLE_MS      5000     /* how long what nobody reads, and a thread, are kept */

enum piece_state {
    PIECE_LOADING, /* a fetched one: under way */
    PIECE_READY,
    PIECE_FAILED,
    PIECE_DIRTY,   /* an unwritten one: may still grow and change */
    PIECE_WRITING, /* neither any more */
    PIECE_WRITTEN, /* at the server; kept until that is stable, or for a reader who needs it */
};

struct drive_piece {
    struct drive_piece *next;
    struct drive_content *content;
    uint64_t offset;
    size_t length;   /* bytes that are there; of one under way: that were asked for */
    size_t capacity; /* of data */
    unsigned char *data;
    enum piece_state state;
    unsigned pins;    /* readers that need data */
    bool stale;       /* to be forgotten with its last pin: found by nobody */
    bool background;  /* fetched ahead */
    bool full;        /* an unwritten one: as large as it becomes */
    size_t served;    /* bytes that readers have had */
    int rc;           /* of a failed one */
    uint64_t stamp;   /* when it began to be written */
    uint64_t done;    /* when it was written, by the same clock */
    bool kept;        /* a written one: to be written again if its file is lost */
    int64_t since_ns; /* made, or last used */
};

/** A file that is open at the server; under the content's lock. */
struct drive_server_file {
    struct drive_file *file;
    unsigned users;
    bool reads, writes;
    bool dead; /* closed with its last user */
};

/** Something to be done in the background. */
struct drive_job {
    struct drive_job *next;
    void (*run)(struct drive_job *job);
    struct drive_content *content; /* with a reference */
    struct drive_piece *piece;
};

struct drive_content {
    struct drive_content *next, *previous; /* under data->lock */
    unsigned references;                   /* likewise: handles, jobs, operations */
    struct drive *drive;
    struct drive_data *data;
    struct drive_node *node; /* pinned */
    _Atomic int64_t due_ns;  /* when the background is to look at it; 0: not at all */

    struct mpr_lock lock;
    pthread_cond_t changed; /* CLOCK_MONOTONIC; anything below */
    /* under lock: */
    unsigned handles;
    struct drive_server_file *reader, *writer;
    uint64_t size;        /* as processes see it */
    uint64_t server_size; /* as the server has it */
    uint64_t ino;         /* of the file that was opened; 0: not known */
    bool repeat;          /* what is kept is to be written again: its file was lost */
    unsigned repeating;   /* that is under way: the server has older bytes meanwhile */
    unsigned held;        /* its name is about to change: drive_content_hold */
    bool size_doubtful;   /* somebody else has changed the file */
    bool altered;         /* by us, since its attributes were asked for */
    bool left;            /* a process has closed it since the last write */

    struct drive_piece *fetched;
    size_t fetched_bytes;
    size_t chunk;     /* of the next read ahead */
    int64_t fetch_ns; /* how long the last one took */

    struct drive_piece *unwritten;
    size_t unwritten_bytes;
    unsigned unwritten_count;
    unsigned writing;  /* pieces on their way */
    unsigned writers;  /* jobs for that, queued or at work */
    unsigned mixing;   /* readers that need what is unwritten at present */
    unsigned draining; /* somebody waits until all is written */
    bool hurry;        /* what is not full is written as well */
    bool paused;       /* the size is being set: no writes meanwhile */
    uint64_t stamps;
    uint64_t progress;  /* pieces written so far */
    uint64_t write_end; /* of the last write, and how much in a row */
    uint64_t write_run;
    uint64_t unsynced_end; /* the server has up to here, perhaps in memory only */
    bool unsure;           /* an open file was lost with what the server had in memory */

    bool beyond; /* more is not yet stable than is kept; then nothing is kept */
    size_t kept_bytes;
    unsigned kept_count;

    int error;       /* the last failure of writing */
    uint64_t errors; /* how many there were */
};

struct drive_handle {
    struct drive_content *content;
    int flags;
    bool keeps_pages;
    /* under content->lock: */
    uint64_t errors_told;
    uint64_t run_start, high; /* what was read in a row */
    uint64_t ahead;           /* up to where it was fetched */
};

struct drive_data {
    struct drive *drive;
    struct mpr_lock lock;
    pthread_cond_t work;          /* CLOCK_MONOTONIC */
    pthread_cond_t closed;        /* likewise; a node's closing is 0 */
    pthread_cond_t room;          /* likewise; memory was given back */
    _Atomic uint32_t trip_us;     /* the round trip to the server, when nothing else is going on */
    _Atomic size_t write_size;    /* of one write, as it has turned out; see drive_data_pace.c */
    _Atomic int64_t progress_ns;  /* when a write of any file has ended well */
    _Atomic bool no_owners;       /* the server does not say whose files are */
    _Atomic unsigned room_wanted; /* how many wait for memory to write to */
    /* under lock: */
    struct drive_content *contents;
    struct drive_job *first, *last;
    unsigned threads, idle, queued;
    bool over;
    size_t bytes; /* memory in use and spare */
    struct drive_spare *spare;
    size_t spare_bytes;
};

/* ---- drive_data_threads.c */

/** Has it done soon. The job's content gets a reference. False: no memory, or the drive ends. */
bool drive_job_add(struct drive_content *content, struct drive_piece *piece,
                   void (*run)(struct drive_job *job)) REQUIRES(content->lock);
/** Do jobs wait for a thread? Then who has one lets them have it. */
bool drive_job_is_waiting(struct drive_data *data);
/** The background looks at the content at that time, if not before. */
void drive_content_due(struct drive_content *content, int64_t when_ns);
/** A condition that waits by CLOCK_MONOTONIC. 0 or -errno. */
int drive_cond_init(pthread_cond_t *cond);

/* ---- drive_data.c */

/** The open file's data, with a reference; NULL: it is not open. */
struct drive_content *drive_content_find(struct drive *drive, struct drive_node *node);
void drive_content_ref(struct drive_content *content);
void drive_content_unref(struct drive_content *content);
/** Calls fn for each open file, with no lock held; stops when it returns other than 0. */
int drive_content_each(struct drive_data *data, int (*fn)(struct drive_content *, void *),
                       void *context);

/* ---- drive_data_piece.c */

/** Memory for size bytes or more, or NULL: the drive has as much as it may. */
struct drive_piece *drive_piece_new(struct drive_content *content, uint64_t offset, size_t size)
    REQUIRES(content->lock);
/** Makes room for size bytes. False: no memory; then it is as it was. */
bool drive_piece_grow(struct drive_piece *piece, size_t size);
void drive_piece_free(struct drive_piece *piece);
/** Gives spare memory back to the system. */
void drive_spare_free(struct drive_data *data);
/** Is there no memory for size bytes before some is given back? */
bool drive_memory_is_short(struct drive_data *data, size_t size);
/** Waits until some may have been given back, for a moment at most. */
void drive_memory_wait(struct drive_data *data, size_t size);
/** Does it have bytes of the range? */
bool drive_piece_overlaps(const struct drive_piece *piece, uint64_t offset, uint64_t size);

/* ---- drive_data_file.c */

/** Asks the server for the size, if somebody else may have changed it. 0 or -errno. */
int drive_size_refresh(struct drive_content *content) REQUIRES(content->lock);
/** The server says that this is its size. */
void drive_size_take(struct drive_content *content, uint64_t size) REQUIRES(content->lock);
/** Opens it at the server as flags say, or finds it open; sizes are as the server has them. */
int drive_file_open(struct drive_content *content, int flags, struct mpr_stat *ret_facts)
    EXCLUDES(content->lock);
/** A small operation took so long. */
void drive_trip_note(struct drive_data *data, int64_t took_ns);
/** An open file, fit for it, which stays until drive_file_put. May open it again. */
int drive_file_get(struct drive_content *content, bool write, struct drive_server_file **ret_file)
    EXCLUDES(content->lock);
void drive_file_put(struct drive_content *content, struct drive_server_file *file)
    EXCLUDES(content->lock);
/** Takes a file that was just made at the server. False: no memory; it is still the caller's. */
bool drive_file_adopt(struct drive_content *content, struct drive_file *file, int flags)
    EXCLUDES(content->lock);
/** Closes at the server what was written to, if it comes to be idle soon. */
void drive_file_close_writer(struct drive_content *content) EXCLUDES(content->lock);
/** With the last reference: closes all. */
void drive_file_close_all(struct drive_content *content);

/** Trying again what the server did not answer, within the bound. */
struct drive_retry {
    int64_t deadline_ns;
    int64_t pause_ns;
    unsigned count;
};
struct drive_retry drive_retry_begin(const struct drive *drive);
/**
 * After rc: shall it be tried again? Waits a little if so. A file that is of no use any
 * more is given up, so that the next drive_file_get opens it again.
 */
bool drive_retry_again(struct drive_retry *retry, struct drive_content *content,
                       struct drive_server_file *file, int rc) EXCLUDES(content->lock);

/**
 * Does something with an open file that may be done twice, until it is done, the server
 * refuses it, or there is no time left. 0 or -errno.
 */
typedef int (*drive_file_fn)(struct drive_content *content, struct drive_file *file, void *context);
int drive_file_do(struct drive_content *content, bool write, struct drive_retry retry,
                  drive_file_fn fn, void *context) EXCLUDES(content->lock);

/* ---- drive_data_ahead.c */

/** Notes a read, and fetches what is likely to be read next. True: it is one of a sequence. */
bool drive_ahead_note(struct drive_content *content, struct drive_handle *handle, size_t size,
                      uint64_t offset) REQUIRES(content->lock);
/** How much is to be fetched for a read that finds nothing. */
size_t drive_ahead_first(struct drive_content *content, size_t size, uint64_t offset)
    REQUIRES(content->lock);
void drive_ahead_more(struct drive_content *content, struct drive_handle *handle, uint64_t position)
    REQUIRES(content->lock);
/** Reads a piece that is PIECE_LOADING; it is READY or FAILED afterwards. */
void drive_fetch(struct drive_content *content, struct drive_piece *piece) EXCLUDES(content->lock);
/** Bytes from the server as they are there: may be fewer at the end of the file. */
int64_t drive_fetch_bytes(struct drive_content *content, void *data, size_t size, uint64_t offset)
    EXCLUDES(content->lock);
/** Forgets what was fetched of a range. */
void drive_fetched_forget(struct drive_content *content, uint64_t offset, uint64_t size)
    REQUIRES(content->lock);
/** Lets go of a piece; a stale one goes with its last user. */
void drive_fetched_unpin(struct drive_content *content, struct drive_piece *piece)
    REQUIRES(content->lock);
/** Forgets what was not used for a while; all of it without handles. */
void drive_fetched_expire(struct drive_content *content, int64_t now_ns) REQUIRES(content->lock);

/* ---- drive_data_write.c */

/** Whether anything of the range is not yet written. */
bool drive_unwritten_overlaps(struct drive_content *content, uint64_t offset, uint64_t size)
    REQUIRES(content->lock);
/** Where the last byte of what is unwritten ends; 0: nothing is. */
uint64_t drive_unwritten_end(struct drive_content *content) REQUIRES(content->lock);
/**
 * Lays what is unwritten over data, which has size bytes of the file from offset on; and
 * what was written since, a stamp of the time before data were asked for.
 */
void drive_unwritten_overlay(struct drive_content *content, unsigned char *data, size_t size,
                             uint64_t offset, uint64_t since) REQUIRES(content->lock);
/** Frees written pieces that nobody needs any more. */
void drive_written_drop(struct drive_content *content) REQUIRES(content->lock);
/** What was written is stable, or is not to be written again if its file is lost. */
void drive_written_forget(struct drive_content *content, bool stable) REQUIRES(content->lock);
/** Writes to a file that was opened again what the one before took along. 0 or -errno. */
int drive_written_repeat(struct drive_content *content, struct drive_file *file)
    EXCLUDES(content->lock);
/** Remembers a failure for all handles. */
void drive_error_note(struct drive_content *content, int rc) REQUIRES(content->lock);
/** What the handle was not yet told: 0 or -errno. */
int drive_error_find(const struct drive_content *content, const struct drive_handle *handle)
    REQUIRES(content->lock);
/** Likewise, and it is told with that. */
int drive_error_take(struct drive_content *content, struct drive_handle *handle)
    REQUIRES(content->lock);

/* ---- drive_data_pace.c */

/** How large one write at the server is to become. */
size_t drive_pace_size(struct drive_data *data);
/** One write at the server, which the pace is learnt from. Bytes or -errno, never 0. */
int64_t drive_pace_write(struct drive_content *content, struct drive_file *file, const void *bytes,
                         size_t size, uint64_t offset) EXCLUDES(content->lock);
/** When a wait that has begun at since_ns has lasted for the bound, and nothing was written. */
int64_t drive_pace_end(struct drive_data *data, int64_t since_ns, uint32_t bound_ms);
/** Waits for a change of the content, until then at most. False: it is over. */
bool drive_pace_wait(struct drive_content *content, int64_t since_ns, uint32_t bound_ms)
    REQUIRES(content->lock);

/* ---- drive_data_flush.c */

/** Has full pieces written in the background; with all, every one. */
void drive_flush_kick(struct drive_content *content, bool all) REQUIRES(content->lock);
/** Writes everything, here and in the background, by deadline_ns (0: the bound). 0 or -errno. */
int drive_flush_all(struct drive_content *content, int64_t deadline_ns) EXCLUDES(content->lock);
/** Has all files of the drive give their memory back, at once or when it is written. */
void drive_flush_others(struct drive_data *data);
/** Waits for a change, until the deadline. False: it has passed. */
bool drive_content_wait(struct drive_content *content, int64_t deadline_ns) REQUIRES(content->lock);
/** From the background: what is due. */
void drive_flush_due(struct drive_content *content, int64_t now_ns) EXCLUDES(content->lock);

#endif
