/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_smb_unc.c: how SMB names are spelt, what is in what, where the rest of a
 * name begins, and how entries of listings are described.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "providers/smb/smb_entry.h"
#include "providers/smb/smb_unc.h"

TestSuite(smb_unc, .timeout = 60);

static struct smb_name parse(const char *remote) {
    struct smb_name name;

    cr_assert_eq(smb_name_parse(remote, &name), 1, "%s", remote);
    return name;
}

static const char *format(const struct smb_name *name) {
    static char text[SMB_UNC_MAX];

    return smb_unc_format(name, text, sizeof text) < 0 ? "too long" : text;
}

Test(smb_unc, one_way_to_spell_a_name) {
    static const struct {
        const char *remote, *spelt;
    } rows[] = {
        {"\\\\SRV\\Pub\\", "\\\\srv\\Pub"},
        {"//srv/Pub/a/b", "\\\\srv\\Pub\\a\\b"},
        {"smb://srv", "\\\\srv"},
        {"smb://srv:445/pub", "\\\\srv\\pub"},
        {"smb://srv:4455/a%20b/%C3%A4", "\\\\srv:4455\\a b\\\xc3\xa4"},
        {"smb://[::1]/x", "\\\\[::1]\\x"},
        {"\\\\[fe80::1%eth0]:4455\\x$", "\\\\[fe80::1%eth0]:4455\\x$"},
        {"\\\\fe80--1s4.ipv6-literal.net\\x", "\\\\[fe80::1%4]\\x"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct smb_name name = parse(rows[i].remote), again;

        cr_expect_str_eq(format(&name), rows[i].spelt);
        again = parse(rows[i].spelt);
        cr_expect_str_eq(format(&again), rows[i].spelt, "it is a name, and spelt as it is");
    }
}

Test(smb_unc, does_not_fit) {
    struct smb_name name = parse("\\\\srv\\pub\\dir");
    char text[15] = "untouched";

    for (size_t size = 0; size <= strlen("\\\\srv\\pub\\dir"); size++)
        cr_expect_eq(smb_unc_format(&name, text, size), -1, "%zu", size);
    cr_expect_eq(smb_unc_format(&name, text, strlen("\\\\srv\\pub\\dir") + 1), 13);
}

Test(smb_unc, rises_one_by_one) {
    struct smb_name name = parse("smb://SRV:4455/Pub/a/b");

    cr_expect(smb_unc_rise(&name));
    cr_expect_str_eq(format(&name), "\\\\srv:4455\\Pub\\a");
    cr_expect(smb_unc_rise(&name));
    cr_expect_str_eq(format(&name), "\\\\srv:4455\\Pub");
    cr_expect(smb_unc_rise(&name));
    cr_expect_str_eq(format(&name), "\\\\srv:4455");
    cr_expect_not(smb_unc_rise(&name));
}

Test(smb_unc, where_the_rest_begins) {
    static const struct {
        const char *remote, *rest;
    } rows[] = {
        {"\\\\srv", ""},
        {"\\\\srv\\", ""},
        {"\\\\srv\\pub", ""},
        {"\\\\srv\\pub\\", ""},
        {"\\\\srv\\pub\\a\\b", "\\a\\b"},
        {"//srv:4455/pub/a\\b/", "/a\\b/"},
        {"\\\\[::1]\\pub\\x", "\\x"},
        {"smb://srv", ""},
        {"smb://srv/", ""},
        {"SMB://srv:4455/pub", ""},
        {"smb://srv/pub/", ""},
        {"smb://srv/p%20b/a%20b/c", "/a%20b/c"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_str_eq(rows[i].remote + smb_unc_rest(rows[i].remote), rows[i].rest, "%s",
                         rows[i].remote);
}

Test(smb_unc, names_of_files) {
    static const struct {
        const char *remote, *path, *name;
    } rows[] = {
        {"\\\\CoolServer\\HotShare", "\\Win32\\S.doc", "\\\\CoolServer\\HotShare\\Win32\\S.doc"},
        {"\\\\srv\\pub", "", "\\\\srv\\pub"},
        {"\\\\srv\\pub", "\\", "\\\\srv\\pub\\"},
        {"\\\\srv\\pub\\", "\\x", "\\\\srv\\pub\\x"},
        {"//Srv/Pub/dir/", "/a/b", "\\\\Srv\\Pub\\dir\\a\\b"},
        {"//srv/pub", "x", "\\\\srv\\pub\\x"},
        {"smb://SRV:4455/Pub/a%20b", "\\x", "\\\\srv:4455\\Pub\\a b\\x"},
    };
    char text[64];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t needed = strlen(rows[i].name) + 1;

        memset(text, 'x', sizeof text);
        for (size_t size = 0; size < needed; size++)
            cr_expect_eq(smb_unc_of_file(rows[i].remote, rows[i].path, text, size),
                         ERROR_MORE_DATA);
        cr_expect_eq(text[0], 'x', "untouched");
        cr_expect_eq(smb_unc_of_file(rows[i].remote, rows[i].path, text, needed), NO_ERROR);
        cr_expect_str_eq(text, rows[i].name);
    }
    cr_expect_eq(smb_unc_of_file("srv:/export", "", text, sizeof text), ERROR_BAD_NET_NAME);
}

Test(smb_unc, entries) {
    struct mpr_resource server = smb_entry_of_server("\\\\srv");
    struct mpr_resource disk = smb_entry_of_share("\\\\srv\\pub", "pub", RESOURCETYPE_DISK);
    struct mpr_resource queue = smb_entry_of_share("\\\\srv\\q$", "q$", RESOURCETYPE_PRINT);
    struct mpr_resource pipes = smb_entry_of_share("\\\\srv\\ipc$", "ipc$", RESOURCETYPE_DISK);
    struct mpr_resource directory = smb_entry_of_directory("\\\\srv\\pub\\a");

    cr_expect_eq(server.usage, RESOURCEUSAGE_CONTAINER);
    cr_expect_eq(disk.display_type, RESOURCEDISPLAYTYPE_SHARE);
    cr_expect_eq(disk.usage, RESOURCEUSAGE_CONNECTABLE);
    cr_expect_eq(queue.display_type, RESOURCEDISPLAYTYPE_SHAREADMIN, "hidden");
    cr_expect_eq(queue.type, RESOURCETYPE_PRINT);
    cr_expect_eq(pipes.type, RESOURCETYPE_ANY);
    cr_expect_eq(pipes.usage, RESOURCEUSAGE_CONNECTABLE | RESOURCEUSAGE_NOLOCALDEVICE);
    cr_expect_eq(directory.display_type, RESOURCEDISPLAYTYPE_DIRECTORY);
}

Test(smb_unc, which_entries_are_wanted) {
    struct mpr_resource server = smb_entry_of_server("\\\\srv");
    struct mpr_resource disk = smb_entry_of_share("\\\\srv\\pub", "pub", RESOURCETYPE_DISK);
    struct mpr_resource queue = smb_entry_of_share("\\\\srv\\q", "q", RESOURCETYPE_PRINT);
    struct mpr_resource pipes = smb_entry_of_share("\\\\srv\\IPC$", "IPC$", RESOURCETYPE_ANY);
    const uint32_t both = RESOURCETYPE_DISK | RESOURCETYPE_PRINT;

    cr_expect(smb_entry_is_wanted(&disk, RESOURCETYPE_ANY, 0));
    cr_expect(smb_entry_is_wanted(&disk, RESOURCETYPE_DISK, RESOURCEUSAGE_CONNECTABLE));
    cr_expect(smb_entry_is_wanted(&disk, both, RESOURCEUSAGE_ALL));
    cr_expect_not(smb_entry_is_wanted(&disk, RESOURCETYPE_PRINT, 0));
    cr_expect_not(smb_entry_is_wanted(&disk, RESOURCETYPE_DISK, RESOURCEUSAGE_CONTAINER));
    cr_expect(smb_entry_is_wanted(&queue, RESOURCETYPE_PRINT, 0));
    cr_expect(smb_entry_is_wanted(&queue, both, 0));
    cr_expect_not(smb_entry_is_wanted(&queue, RESOURCETYPE_DISK, 0));
    cr_expect(smb_entry_is_wanted(&pipes, RESOURCETYPE_ANY, 0));
    cr_expect_not(smb_entry_is_wanted(&pipes, both, 0), "it is neither");
    cr_expect(smb_entry_is_wanted(&server, RESOURCETYPE_DISK, RESOURCEUSAGE_CONTAINER));
    cr_expect_not(smb_entry_is_wanted(&server, 0, RESOURCEUSAGE_CONNECTABLE));
}
