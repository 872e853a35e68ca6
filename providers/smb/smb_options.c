/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_options.c: reads the drop-in's options and writes them as the SMB
 * library's configuration.
 */
#include "config.h"

#include "providers/smb/smb_options.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

static const char *const protocols[] = {"SMB2_02", "SMB2_10", "SMB3_00", "SMB3_02", "SMB3_11"};
#define PROTOCOLS (sizeof protocols / sizeof protocols[0])

/* Each reader takes one value; false if it is none of the allowed ones. */
static bool read_demand(const char *value, enum smb_demand *ret) {
    if (strcmp(value, "default") == 0 || strcmp(value, "auto") == 0)
        *ret = SMB_DEFAULT;
    else if (strcmp(value, "required") == 0)
        *ret = SMB_REQUIRED;
    else if (strcmp(value, "off") == 0)
        *ret = SMB_OFF;
    else
        return false;
    return true;
}

static bool read_protocol(const char *value, const char **ret) {
    for (size_t i = 0; i < PROTOCOLS; i++) {
        if (strcmp(value, protocols[i]) == 0) {
            *ret = protocols[i];
            return true;
        }
    }
    return false;
}

static bool read_timeout(const char *value, uint32_t *ret) {
    char *end;
    unsigned long number;

    if (value[0] < '0' || value[0] > '9')
        return false;
    errno = 0;
    number = strtoul(value, &end, 10);
    if (errno || *end || number < SMB_TIMEOUT_MIN_MS || number > SMB_TIMEOUT_MAX_MS)
        return false;
    *ret = (uint32_t)number;
    return true;
}

/* It becomes a line of the library's configuration, so nothing that is special there. */
static bool read_workgroup(const char *value, char *buffer, size_t size) {
    size_t length = strlen(value);

    if (!length || length >= size)
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)value[i];

        if (c <= ' ' || c == 0x7f || strchr("\"%'*+,/:;<=>?[\\]|", c))
            return false;
    }
    memcpy(buffer, value, length + 1);
    return true;
}

/* Takes a word as a server's name: host, host:port, [address]. */
static bool read_server(struct np_span word, struct smb_name *ret_name) {
    char remote[NP_HOST_MAX + 16];
    int length = snprintf(remote, sizeof remote, "\\\\%.*s", (int)word.length, word.text);

    return length > 0 && (size_t)length < sizeof remote && smb_name_parse(remote, ret_name)
           && !ret_name->share[0];
}

static bool read_servers(const char *value, char *buffer, size_t size) {
    const char *list = value;
    struct smb_name name;
    struct np_span word;

    if (strlen(value) >= size)
        return false;
    while (np_words_next(&list, &word)) {
        if (!read_server(word, &name))
            return false;
    }
    memcpy(buffer, value, strlen(value) + 1);
    return true;
}

int smb_options_next_server(const char **servers, struct smb_name *ret_name) {
    struct np_span word;

    return np_words_next(servers, &word) && read_server(word, ret_name);
}

static const char *expected(const char *name) {
    if (strstr(name, "timeout"))
        return "a number of milliseconds from 1 to 3600000";
    if (strstr(name, "protocol"))
        return "SMB2_02, SMB2_10, SMB3_00, SMB3_02 or SMB3_11";
    if (strcmp(name, "workgroup") == 0)
        return "a name of at most 63 bytes";
    if (strcmp(name, "servers") == 0)
        return "names of servers with commas between them";
    if (strcmp(name, "kerberos") == 0)
        return "auto, required or off";
    return "default, required or off";
}

static bool read_option(const struct mpr_option *option, struct smb_options *options) {
    const char *name = option->name, *value = option->value;

    if (strcmp(name, "signing") == 0)
        return read_demand(value, &options->signing);
    if (strcmp(name, "encryption") == 0)
        return read_demand(value, &options->encryption);
    if (strcmp(name, "kerberos") == 0)
        return read_demand(value, &options->kerberos);
    if (strcmp(name, "min_protocol") == 0)
        return read_protocol(value, &options->min_protocol);
    if (strcmp(name, "max_protocol") == 0)
        return read_protocol(value, &options->max_protocol);
    if (strcmp(name, "connect_timeout_ms") == 0)
        return read_timeout(value, &options->connect_timeout_ms);
    if (strcmp(name, "io_timeout_ms") == 0)
        return read_timeout(value, &options->io_timeout_ms);
    if (strcmp(name, "workgroup") == 0)
        return read_workgroup(value, options->workgroup, sizeof options->workgroup);
    if (strcmp(name, "servers") == 0)
        return read_servers(value, options->servers, sizeof options->servers);
    return true;
}

uint32_t smb_options_read(const struct mpr_option *options, char *error, size_t error_size,
                          struct smb_options *ret_options) {
    struct smb_options read = {
        .min_protocol = protocols[0],
        .max_protocol = protocols[PROTOCOLS - 1],
        .connect_timeout_ms = 5000,
        .io_timeout_ms = 30000,
        .workgroup = "WORKGROUP",
    };

    for (; options && options->name; options++) {
        if (read_option(options, &read))
            continue;
        snprintf(error, error_size, "The option %s is \"%s\", but must be %s.", options->name,
                 options->value, expected(options->name));
        return ERROR_INVALID_PARAMETER;
    }
    /* The names sort as the protocols do. */
    if (strcmp(read.min_protocol, read.max_protocol) > 0) {
        snprintf(error, error_size, "The option min_protocol (%s) is above max_protocol (%s).",
                 read.min_protocol, read.max_protocol);
        return ERROR_INVALID_PARAMETER;
    }
    if (read.encryption == SMB_REQUIRED && strcmp(read.max_protocol, "SMB3_00") < 0) {
        snprintf(error, error_size,
                 "The option encryption is \"required\", which %s (max_protocol) cannot do.",
                 read.max_protocol);
        return ERROR_INVALID_PARAMETER;
    }
    *ret_options = read;
    return NO_ERROR;
}

int smb_options_config(const struct smb_options *options, char *buffer, size_t size) {
    static const char *const signing[] = {
        [SMB_DEFAULT] = "default", [SMB_REQUIRED] = "required", [SMB_OFF] = "off"};
    /* "required" alone is not obeyed: that is asked for per connection, and checked. */
    static const char *const encryption[] = {
        [SMB_DEFAULT] = "default", [SMB_REQUIRED] = "default", [SMB_OFF] = "off"};
    static const char *const kerberos[] = {
        [SMB_DEFAULT] = "desired", [SMB_REQUIRED] = "required", [SMB_OFF] = "off"};
    /*
     * The directories can never exist: no cache on disk is read or written. An
     * idle connection whose server has gone is noticed before it is needed. Modes
     * of files have all marks (smb_path.c). The interfaces are of use for NetBIOS
     * only, but without that line, on a machine where none is up, the library ends
     * the process.
     */
    int length = snprintf(buffer, size,
                          "[global]\n"
                          "workgroup = %s\n"
                          "unix charset = UTF-8\n"
                          "log level = 0\n"
                          "name resolve order = host\n"
                          "disable netbios = yes\n"
                          "interfaces = 127.0.0.1/8\n"
                          "socket options = TCP_NODELAY SO_KEEPALIVE TCP_KEEPIDLE=60 "
                          "TCP_KEEPINTVL=10 TCP_KEEPCNT=3\n"
                          "lock directory = /proc/self/none\n"
                          "state directory = /proc/self/none\n"
                          "cache directory = /proc/self/none\n"
                          "private dir = /proc/self/none\n"
                          "client min protocol = %s\n"
                          "client max protocol = %s\n"
                          "client signing = %s\n"
                          "client smb encrypt = %s\n"
                          "client use kerberos = %s\n"
                          "client NTLMv2 auth = yes\n"
                          "client lanman auth = no\n"
                          "client plaintext auth = no\n"
                          "map archive = yes\n"
                          "map hidden = yes\n"
                          "map system = yes\n"
                          "load printers = no\n",
                          options->workgroup, options->min_protocol, options->max_protocol,
                          signing[options->signing], encryption[options->encryption],
                          kerberos[options->kerberos]);

    return length < 0 || (size_t)length >= size ? -1 : length;
}
