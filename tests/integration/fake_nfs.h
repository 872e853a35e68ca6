/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fake_nfs.h: a thread that serves portmapper, mount service and NFS on one port
 * and answers as it is told: what real servers do rarely, or never on the same
 * machine. It exports /fake: a directory with one file, "file".
 */
#ifndef FAKE_NFS_H
#define FAKE_NFS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_FILE_MAX (4u << 20)

/** What it is told. Zero is a well-behaved server. */
struct fake_orders {
    atomic_uint mount_status;   /**< of MNT */
    atomic_uint mount_flavor;   /**< the only security flavour; 0: AUTH_UNIX */
    atomic_uint hidden;         /**< the list of exports is empty */
    atomic_uint deny;           /**< program whose calls are denied (MSG_DENIED) */
    atomic_uint unavailable;    /**< program that is not available (PROG_UNAVAIL) */
    atomic_uint unregistered;   /**< program that the portmapper does not know */
    atomic_uint garbage;        /**< program that gets bytes that are no reply */
    atomic_uint busy;           /**< so many NFS calls are answered NFS3ERR_JUKEBOX */
    atomic_uint no_attributes;  /**< none along with other replies */
    atomic_uint no_readdirplus; /**< is not supported */
    atomic_uint leads_back;     /**< no listing ends: its last cookie is this one; 0: they end */
    atomic_uint short_io;       /**< bytes of one READ or WRITE at most; 0: no limit */
    atomic_uint access;         /**< bits that ACCESS does not grant */
    atomic_uint forgets;        /**< so many COMMITs find another verifier and lose all data */
    atomic_uint io_error_at;    /**< offset from which WRITE answers NFS3ERR_NOSPC; 0: none */
    atomic_uint touches;        /**< how many SETATTRs gave the file the server's time */
    atomic_uint calls;          /**< how many there were, of all programs */
};

extern struct fake_orders fake_orders;
/** The file, as the server has it. */
extern char fake_file[FAKE_FILE_MAX];
extern atomic_size_t fake_size;

/** Starts it. Returns the port. */
uint16_t fake_start(void);
/** Takes all orders back. */
void fake_behave(void);
void fake_stop(void);

#endif
