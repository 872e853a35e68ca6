/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_call.h: calls of NP functions, and what is to be believed of their
 * answers. All of it but mpr_classic_run is for the module's thread.
 */
#ifndef MPR_CLASSIC_CALL_H
#define MPR_CLASSIC_CALL_H

#include <locale.h>

#include <mpr/npapi.h>
#include <mpr/provider.h>

#include "router/classic_thread.h"
#include "router/mpr_ops.h"

/* The functions that the router calls. */
#define MPR_CLASSIC_FUNCTIONS(F)                                                                   \
    F(NPGetCaps)                                                                                   \
    F(NPAddConnection)                                                                             \
    F(NPAddConnection3)                                                                            \
    F(NPAddConnection4)                                                                            \
    F(NPCancelConnection)                                                                          \
    F(NPCancelConnection2)                                                                         \
    F(NPGetConnection)                                                                             \
    F(NPGetConnection3)                                                                            \
    F(NPGetConnectionPerformance)                                                                  \
    F(NPGetUniversalName)                                                                          \
    F(NPGetUser)                                                                                   \
    F(NPOpenEnum)                                                                                  \
    F(NPEnumResource)                                                                              \
    F(NPCloseEnum)                                                                                 \
    F(NPGetResourceParent)                                                                         \
    F(NPGetResourceInformation)                                                                    \
    F(NPFormatNetworkName)

/** NULL: the module has it not, or does not announce it. */
struct mpr_classic_functions {
#define MPR_CLASSIC_SLOT(name) PF_##name name;
    MPR_CLASSIC_FUNCTIONS(MPR_CLASSIC_SLOT)
#undef MPR_CLASSIC_SLOT
};

/** A classic provider. Nothing in it changes once it is made, but the references. */
struct mpr_classic {
    atomic_uint references; /* the table's, and one of each job */
    struct mpr_classic_thread *thread;
    struct mpr_classic_functions np;
    struct mpr_provider table;
    uint32_t enumeration;      /* WNNC_ENUM_ bits; 0 without all three functions */
    uint32_t connection_flags; /* CONNECT_ flags that it understands */
    locale_t locale;           /* of letters' case; (locale_t)0: ASCII only */
    char *name;
    uint64_t own_devices; /* connected by sessions of ours; on the module's thread only */
};

/** Calls an NP function: MPR_CLASSIC_NP(job, NPCloseEnum, handle). Gives the module's code. */
#define MPR_CLASSIC_NP(job, function, ...)                                                         \
    (mpr_classic_begin((job), #function),                                                          \
     mpr_classic_end((job), (job)->classic->np.function(__VA_ARGS__)))

/** Before and after it: captures what is told to WNetSetLastError. */
void mpr_classic_begin(struct mpr_classic_job *job, const char *function);
DWORD mpr_classic_end(struct mpr_classic_job *job, DWORD code);

/** Is the provider started? If not the job has its code and words. */
bool mpr_classic_ready(struct mpr_classic_job *job);

/**
 * The job ends with a code of the module, about some name: it becomes one that
 * the router knows, and gets words.
 */
void mpr_classic_answer(struct mpr_classic_job *job, DWORD code, const char *about);

/** The job ends with code, because of what the module has done wrong. */
void mpr_classic_blame(struct mpr_classic_job *job, DWORD code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Something is wrong with the module's answer, which the rest of it survives: to the trace. */
void mpr_classic_note(const struct mpr_classic_job *job, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** A copy in UTF-16 that the module may write on, with room behind it. NULL for NULL. */
LPWSTR mpr_classic_wide(struct mpr_classic_job *job, const char *text);

/** A copy of a text of the module's, in UTF-8; NULL: it is no Unicode, or there is no memory. */
char *mpr_classic_text(struct mpr_classic_job *job, LPCWSTR text);

/** What the module fills: more than it is told of. */
struct mpr_classic_buffer {
    void *memory;
    size_t size; /* bytes that it is told of */
};

/** A call that fills a buffer; *size is in units. */
typedef DWORD (*mpr_classic_fill_fn)(struct mpr_classic_job *job, void *buffer, DWORD *size);

/** Buffers of one string, in WCHARs, and of structures with strings, in bytes. */
struct mpr_classic_growth {
    size_t unit;
    DWORD first, most;
};
extern const struct mpr_classic_growth mpr_classic_strings;
extern const struct mpr_classic_growth mpr_classic_structures;

/** A zeroed buffer of so many units, and the check that nothing was written behind it. */
bool mpr_classic_buffer_new(struct mpr_classic_job *job, const struct mpr_classic_growth *growth,
                            DWORD units, struct mpr_classic_buffer *ret);
bool mpr_classic_buffer_kept(struct mpr_classic_job *job, const struct mpr_classic_buffer *buffer);

/** The next size to try after WN_MORE_DATA; 0: no more. */
DWORD mpr_classic_next_size(const struct mpr_classic_growth *growth, DWORD units, DWORD wanted);

/**
 * Calls fill with growing buffers until it says other than WN_MORE_DATA. True:
 * it succeeded. Else the job has its code and words; about is for them.
 */
bool mpr_classic_fill(struct mpr_classic_job *job, const struct mpr_classic_growth *growth,
                      mpr_classic_fill_fn fill, const char *about, struct mpr_classic_buffer *ret);

/** A single string of a buffer in UTF-8; NULL: it is none, and the job has code and words. */
char *mpr_classic_string(struct mpr_classic_job *job, const struct mpr_classic_buffer *buffer);

/** Does the text lie in the buffer, behind its first bytes, and end there? */
bool mpr_classic_is_inside(const struct mpr_classic_buffer *buffer, size_t first, LPCWSTR text);

/**
 * Reads entry number index of count in a buffer; ret is as in mpr_item_list.
 * NULL, or what is wrong with it.
 */
const char *mpr_classic_item(struct mpr_classic_job *job, const struct mpr_classic_buffer *buffer,
                             size_t index, size_t count, struct mpr_item *ret);

/**
 * Runs the job for a call. The code of what came of it; its words are the
 * call's. *job becomes NULL if it is no longer the caller's.
 */
DWORD mpr_classic_run(struct mpr_classic_job **job, const struct mpr_call *call);

/** What a code says about a name that was asked for. */
enum mpr_answer mpr_classic_answer_of(DWORD code);

#endif
