/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_status.h: what an SMB server's codes mean to a caller of the router.
 */
#ifndef SMB_STATUS_H
#define SMB_STATUS_H

#include <mpr/provider.h>

/* The NTSTATUS codes that this provider itself speaks of. */
#define SMB_STATUS_INVALID_PARAMETER        0xc000000du
#define SMB_STATUS_ACCESS_DENIED            0xc0000022u
#define SMB_STATUS_LOGON_FAILURE            0xc000006du
#define SMB_STATUS_IO_TIMEOUT               0xc00000b5u
#define SMB_STATUS_NOT_SUPPORTED            0xc00000bbu
#define SMB_STATUS_BAD_NETWORK_PATH         0xc00000beu
#define SMB_STATUS_INVALID_NETWORK_RESPONSE 0xc00000c3u
#define SMB_STATUS_BAD_DEVICE_TYPE          0xc00000cbu
#define SMB_STATUS_BAD_NETWORK_NAME         0xc00000ccu
#define SMB_STATUS_NOT_A_DIRECTORY          0xc0000103u
#define SMB_STATUS_CANCELLED                0xc0000120u
#define SMB_STATUS_CONNECTION_DISCONNECTED  0xc000020cu
#define SMB_STATUS_CONNECTION_RESET         0xc000020du
#define SMB_STATUS_CONNECTION_REFUSED       0xc0000236u

/** How far a connection came. */
enum smb_phase {
    SMB_PHASE_NONE = 0,   /**< the server has not answered in SMB */
    SMB_PHASE_NEGOTIATED, /**< it has: now the logon */
    SMB_PHASE_SESSION,    /**< logged on: now the share */
    SMB_PHASE_TREE,       /**< connected to the share: now the directory */
};

/** One row of the table of codes. */
struct smb_status {
    uint32_t status;      /**< NTSTATUS */
    uint32_t code;        /**< Win32; ERROR_EXTENDED_ERROR where it has none */
    const char *name;     /**< without STATUS_ */
    const char *sentence; /**< what it means, without a full stop */
};

/** The row of an NTSTATUS, or NULL. */
const struct smb_status *smb_status_find(uint32_t status);

/** The NTSTATUS that says the same as errno does, by phase; for want of the server's own. */
uint32_t smb_status_from_errno(int error, enum smb_phase phase);

/**
 * The phase that errno shows at least, for want of better knowledge: a refusal
 * can only come from a server that speaks SMB.
 */
enum smb_phase smb_status_least_phase(int error);

/** Answer and Win32 code of a connect that failed with status in phase. */
enum mpr_answer smb_status_answer(uint32_t status, enum smb_phase phase, uint32_t *ret_code);

#endif
