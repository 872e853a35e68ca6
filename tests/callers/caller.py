#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# caller.py: a Python program that maps, lists and cancels with ctypes, through the A and the W
# functions, and says in TAP what came of it. The provider lets anna connect with the password secret.
#
# On Windows the library is ctypes.WinDLL("mpr"). The types of ctypes.wintypes have their sizes of
# Windows only there: elsewhere DWORD has eight bytes and WCHAR four.
import ctypes
import sys
import threading

DWORD, LPVOID = ctypes.c_uint32, ctypes.c_void_p
MPR = ctypes.WinDLL("mpr") if sys.platform == "win32" else ctypes.CDLL("libmpr.so.0")

NO_ERROR, BAD_NET_NAME, ALREADY_ASSIGNED, INVALID_PASSWORD = 0, 67, 85, 86
INVALID_PARAMETER, MORE_DATA, NO_MORE_ITEMS, INVALID_HANDLE = 87, 234, 259, 6
INVALID_ADDRESS, BAD_DEVICE, NOT_CONNECTED = 487, 1200, 2250
CONNECTED, GLOBALNET, REMEMBERED, DISK = 1, 2, 3, 1
UNIVERSAL_NAME_INFO_LEVEL, CONTAINER = 1, 2
UPDATE_PROFILE, REDIRECT, LOCALDRIVE = 1, 0x80, 0x100
SHARE, FOREIGN = "\\\\memory\\demo", "\\\\memory\\\u00fcbung"

tests = {"done": 0, "failed": 0}


class NETRESOURCE(ctypes.Structure):
    """Of the A and the W functions: pointers to bytes, or to UTF-16."""

    _fields_ = [
        ("dwScope", DWORD),
        ("dwType", DWORD),
        ("dwDisplayType", DWORD),
        ("dwUsage", DWORD),
        ("lpLocalName", LPVOID),
        ("lpRemoteName", LPVOID),
        ("lpComment", LPVOID),
        ("lpProvider", LPVOID),
    ]


def check(got, expected, what):
    tests["done"] += 1
    good = got == expected
    tests["failed"] += not good
    print(f"{'ok' if good else 'not ok'} {tests['done']} - {what}")
    if not good:
        print(f"# got {got!r}, expected {expected!r}")


class Form:
    """The functions with one suffix, and their strings."""

    def __init__(self, suffix):
        self.suffix = suffix
        self.unit = 2 if suffix == "W" else 1

    def call(self, name, *arguments):
        function = getattr(MPR, name + self.suffix)
        function.restype = DWORD
        return function(*arguments)

    def text(self, value):
        """What the function takes: a buffer that Python keeps while it is referred to."""
        if value is None:
            return None
        encoded = value.encode("utf-16-le") + b"\0\0" if self.unit == 2 else value.encode() + b"\0"
        return ctypes.create_string_buffer(encoded, len(encoded))

    def read(self, address):
        if not address:
            return None
        if self.unit == 1:
            return ctypes.string_at(address).decode()
        units, end = ctypes.cast(address, ctypes.POINTER(ctypes.c_uint16)), 0
        while units[end]:
            end += 1
        return ctypes.string_at(address, end * 2).decode("utf-16-le")

    def resource(self, local, remote):
        names = [self.text(name) for name in (local, remote)]
        made = NETRESOURCE(dwType=DISK)
        made.lpLocalName, made.lpRemoteName = [ctypes.cast(name, LPVOID) if name else None for name in names]
        made.kept = names
        return made

    def add(self, local, remote, password="secret", flags=0):
        resource = self.resource(local, remote)
        return self.call("WNetAddConnection2", ctypes.byref(resource), self.text(password), self.text("anna"),
                         DWORD(flags))

    def cancel(self, name, flags=0, force=False):
        return self.call("WNetCancelConnection2", self.text(name), DWORD(flags), ctypes.c_int32(force))

    def remote_of(self, device):
        size = DWORD(0)
        code = self.call("WNetGetConnection", self.text(device), None, ctypes.byref(size))
        if code != MORE_DATA:
            return code
        buffer = ctypes.create_string_buffer(size.value * self.unit)
        code = self.call("WNetGetConnection", self.text(device), buffer, ctypes.byref(size))
        return self.read(ctypes.addressof(buffer)) if code == NO_ERROR else code

    def use(self, remote, room):
        access = ctypes.create_string_buffer(64)
        size, result = DWORD(room), DWORD(0)
        resource = self.resource(None, remote)
        code = self.call("WNetUseConnection", None, ctypes.byref(resource), self.text("secret"), self.text("anna"),
                         DWORD(REDIRECT), access, ctypes.byref(size), ctypes.byref(result))
        return code, self.read(ctypes.addressof(access)), size.value, result.value

    def universal_of(self, path):
        size = DWORD(1)
        code = self.call("WNetGetUniversalName", self.text(path), DWORD(UNIVERSAL_NAME_INFO_LEVEL),
                         ctypes.create_string_buffer(8), ctypes.byref(size))
        if code != MORE_DATA:
            return code
        buffer = ctypes.create_string_buffer(size.value)
        code = self.call("WNetGetUniversalName", self.text(path), DWORD(UNIVERSAL_NAME_INFO_LEVEL), buffer,
                         ctypes.byref(size))
        return self.read(LPVOID.from_buffer(buffer).value) if code == NO_ERROR else code

    def list(self, scope, room=16384, container=None):
        found, handle, buffer = [], LPVOID(), ctypes.create_string_buffer(room)
        below = self.resource(None, container) if container else None
        if below:
            below.dwUsage = CONTAINER
        code = self.call("WNetOpenEnum", DWORD(scope), DWORD(0), DWORD(0), ctypes.byref(below) if below else None,
                         ctypes.byref(handle))
        if code != NO_ERROR:
            return code
        while True:
            count, size = DWORD(0xFFFFFFFF), DWORD(room)
            code = self.call("WNetEnumResource", handle, ctypes.byref(count), buffer, ctypes.byref(size))
            if code != NO_ERROR:
                break
            for entry in (NETRESOURCE * count.value).from_buffer(buffer):
                found.append((self.read(entry.lpLocalName), self.read(entry.lpRemoteName)))
        MPR.WNetCloseEnum(handle)
        return sorted(found, key=str) if code == NO_MORE_ITEMS else code

    def words(self):
        code, text = DWORD(0), ctypes.create_string_buffer(512 * self.unit)
        name = ctypes.create_string_buffer(128 * self.unit)
        if self.call("WNetGetLastError", ctypes.byref(code), text, DWORD(512), name, DWORD(128)) != NO_ERROR:
            return None
        return code.value, self.read(ctypes.addressof(name)), self.read(ctypes.addressof(text))


def map_and_list(form):
    both = [("Y:", SHARE), ("Z:", FOREIGN)]
    check(form.add("Z:", FOREIGN), NO_ERROR, f"{form.suffix}: Z: is mapped")
    check(form.add("y:", SHARE), NO_ERROR, f"{form.suffix}: Y: is mapped")
    check(form.add("Y:", FOREIGN), ALREADY_ASSIGNED, f"{form.suffix}: only once")
    check(form.remote_of("Z:"), FOREIGN, f"{form.suffix}: what Z: is")
    check(form.list(CONNECTED), both, f"{form.suffix}: both are listed")
    check(form.universal_of("Z:\\dir\\\u00e4"), FOREIGN + "\\dir\\\u00e4", f"{form.suffix}: a universal name")
    check(form.list(GLOBALNET), [(None, "Memory Network")], f"{form.suffix}: the network, its providers")
    check(form.list(GLOBALNET, container="\\\\memory"), [(None, SHARE), (None, FOREIGN)],
          f"{form.suffix}: the shares of a server")
    check(form.list(CONNECTED, 220), both, f"{form.suffix}: one at a time")
    check(form.cancel("Y:"), NO_ERROR, f"{form.suffix}: Y: is cancelled")
    check(form.cancel("Y:"), NOT_CONNECTED, f"{form.suffix}: only once")
    check(form.cancel(FOREIGN, force=True), NO_ERROR, f"{form.suffix}: Z: is cancelled by its remote name")
    check(form.list(CONNECTED), [], f"{form.suffix}: nothing is left")
    check(form.use(SHARE, 2)[::2], (MORE_DATA, 3), f"{form.suffix}: WNetUseConnection says what it needs")
    check(form.use(SHARE, 8), (NO_ERROR, "Z:", 8, LOCALDRIVE), f"{form.suffix}: it chooses Z:")
    check(form.cancel("z:"), NO_ERROR, f"{form.suffix}: it is cancelled")
    check(form.add("R:", SHARE, flags=UPDATE_PROFILE), NO_ERROR, f"{form.suffix}: R: is remembered")
    check(form.cancel("R:"), NO_ERROR, f"{form.suffix}: it is cancelled, not forgotten")
    check(form.list(REMEMBERED), [("R:", SHARE)], f"{form.suffix}: it is listed")
    check(form.cancel("R:", UPDATE_PROFILE), NO_ERROR, f"{form.suffix}: it is forgotten")
    check(form.list(REMEMBERED), [], f"{form.suffix}: nothing is remembered")


def fail(form, other):
    check(form.add("Z:", SHARE, "wrong"), INVALID_PASSWORD, f"{form.suffix}: a wrong password")
    check(MPR.MprGetLastError(), INVALID_PASSWORD, f"{form.suffix}: MprGetLastError has the code")
    words = form.words()
    check(words is not None and words[1] == "Memory Network" and SHARE in words[2] and "anna" in words[2], True,
          f"{form.suffix}: the words")
    check(other.words(), words, f"{form.suffix}: the same in the other form")
    check(form.add(None, "nobody"), BAD_NET_NAME, f"{form.suffix}: a name that is nobody's")
    check(form.add("Z:\\", SHARE), BAD_DEVICE, f"{form.suffix}: a device that is none")
    check(form.cancel(None), NOT_CONNECTED, f"{form.suffix}: no name")
    check(form.cancel("Z:", 0x10000000), INVALID_PARAMETER, f"{form.suffix}: a flag that is none")
    check(form.call("WNetAddConnection2", None, None, None, DWORD(0)), INVALID_ADDRESS, f"{form.suffix}: no resource")
    code = []
    thread = threading.Thread(target=lambda: code.append(form.words()))
    thread.start()
    thread.join()
    check(code, [(0, "", "")], f"{form.suffix}: another thread has no error")


def main():
    narrow, wide = Form("A"), Form("W")
    check(ctypes.sizeof(NETRESOURCE), 48, "NETRESOURCE has 48 bytes")
    map_and_list(narrow)
    map_and_list(wide)
    fail(narrow, wide)
    fail(wide, narrow)
    MPR.WNetCloseEnum.restype = DWORD
    check(MPR.WNetCloseEnum(LPVOID(1)), INVALID_HANDLE, "a handle that is none")
    print(f"1..{tests['done']}")
    return 1 if tests["failed"] else 0


sys.exit(main())
