/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_native.h: a native module, called directly: the kit is its host.
 */
#ifndef KIT_NATIVE_H
#define KIT_NATIVE_H

#include <stdbool.h>

#include <mpr/provider.h>

/**
 * The module that recognises names and describes itself, and the one that
 * connects: the same table unless the provider has a worker_module.
 */
extern const struct mpr_provider *kit_front, *kit_table;
extern void *kit_front_state, *kit_state_of_table;

/** Loads it with the real loader, and calls init with the options. A failure is a finding. */
void kit_native_open(void);
/** The same without init; the host for it, and the options. */
void kit_native_load(void);
extern const struct mpr_host kit_host;

/** What the provider told its host; of this thread where no other is named. */
struct kit_told {
    unsigned errors; /* calls of set_error */
    uint32_t code;   /* of the last one */
    void *host_data; /* of the call that the last one was for */
    char text[2048];
    unsigned anywhere; /* calls of set_error, any thread */
    unsigned prompts;  /* calls of prompt, any thread */
    unsigned secrets;  /* calls of secret, any thread */
    unsigned lost;     /* calls of connection_lost, any thread */
};
struct kit_told kit_told(void);
/** Forgets it. */
void kit_told_clear(void);
/** Everything that was logged by any thread, as one text. */
const char *kit_logged(void);

/** The text of the last question. */
const char *kit_question(void);

/** What secret gives (NULL: none) and what prompts are answered, one after the other, for all threads. */
extern const char *kit_secret;
/** Gives the secret instead, if it is set. False: there is none. */
extern bool (*kit_give_secret)(char *buffer, size_t size);
extern const char *const *kit_answers; /* ended by NULL; at the end ERROR_CANCELLED */

/** A call that has so many milliseconds, with a cancel descriptor of its own. */
struct mpr_call kit_call(int ms);
/** Makes a call give up. */
void kit_call_cancel(const struct mpr_call *call);

/** Milliseconds that a connect has in the lab (option connect_timeout_ms, or 5000). */
int kit_connect_ms(void);

/** What a connect came to. */
struct kit_connected {
    enum mpr_answer answer;
    uint32_t code;
    void *session;
    int64_t ms;
    /* Of kit_attempt: */
    bool touched;                /* *ret_session was written though it failed */
    const struct mpr_call *call; /* as it was given */
};
/** Connects; every text is read-only memory before a guard page. user may be NULL. */
struct kit_connected kit_connect(const char *remote, const char *user, const char *password);
struct kit_connected kit_connect_with(const struct mpr_connect *args, const struct mpr_call *call);
/** Connects as the lab's user where it has one, else as nobody; a failure is a finding. */
void *kit_connect_good(const char *remote);
/** Disconnects; a failure is a finding. */
void kit_disconnect(void *session);

/** Unless an answer and its code are one of the SPI's pairs: a finding. */
void kit_answer_sound(enum mpr_answer answer, uint32_t code);

/** Skips unless the slot is there: KIT_NEEDS(pread). */
#define KIT_NEEDS(slot)                                                                            \
    do {                                                                                           \
        if (!kit_table->slot)                                                                      \
            kit_skip("the provider has no " #slot);                                                \
    } while (0)

#endif
