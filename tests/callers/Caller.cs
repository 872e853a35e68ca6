// SPDX-License-Identifier: LGPL-2.1-or-later
// Caller.cs: a C# program that maps, lists and cancels with DllImport("mpr.dll"), and
// says in TAP what came of it. The provider lets anna connect with the password secret.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

static class Caller {
    const string Share = @"\\memory\demo", Foreign = "\\\\memory\\\u00fcbung";
    static int number, failed;

    static void Ok(bool good, string what) {
        Console.WriteLine("{0} {1} - {2}", good ? "ok" : "not ok", ++number, what);
        failed += good ? 0 : 1;
    }

    static void Is(object got, object expected, string what) {
        Ok(Equals(got, expected), what);
        if (!Equals(got, expected))
            Console.WriteLine("# got {0}, expected {1}", got, expected);
    }

    static string RemoteOf(string device, bool wide) {
        int size = 0;
        int code = wide ? Wide.WNetGetConnection(device, null, ref size) : Narrow.WNetGetConnection(device, null, ref size);
        if (code != Codes.MoreData)
            return "code " + code;
        var remote = new StringBuilder(size);
        code = wide ? Wide.WNetGetConnection(device, remote, ref size)
            : Narrow.WNetGetConnection(device, remote, ref size);
        return code == Codes.NoError ? remote.ToString() : "code " + code;
    }

    // Local and remote names of a listing, through a buffer that has room for few at a time.
    static string ListWide(int scope, NetResourceW container, int room) {
        IntPtr list, buffer = Marshal.AllocHGlobal(room);
        var found = new List<string>();
        int code = Wide.WNetOpenEnum(scope, 0, 0, container, out list);
        if (code != Codes.NoError)
            return "code " + code;
        for (;;) {
            int count = -1, size = room;
            code = Wide.WNetEnumResource(list, ref count, buffer, ref size);
            if (code != Codes.NoError)
                break;
            for (int i = 0; i < count; i++) {
                var entry = (NETRESOURCEW)Marshal.PtrToStructure(
                    buffer + i * Marshal.SizeOf(typeof(NETRESOURCEW)), typeof(NETRESOURCEW));
                found.Add((entry.lpLocalName ?? "-") + "=" + entry.lpRemoteName);
            }
        }
        if (Wide.WNetCloseEnum(list) != Codes.NoError)
            return "the handle could not be closed";
        Marshal.FreeHGlobal(buffer);
        found.Sort(string.CompareOrdinal);
        return string.Join(" ", found) + (code == Codes.NoMoreItems ? "" : " code " + code);
    }

    static string ListNarrow(int scope, NetResourceA container) {
        IntPtr list, buffer = Marshal.AllocHGlobal(16384);
        var found = new List<string>();
        int count = -1, size = 16384, code = Narrow.WNetOpenEnum(scope, Codes.Disk, 0, container, out list);
        if (code != Codes.NoError)
            return "code " + code;
        code = Narrow.WNetEnumResource(list, ref count, buffer, ref size);
        for (int i = 0; code == Codes.NoError && i < count; i++) {
            var entry = new NetResourceA();
            Marshal.PtrToStructure(buffer + i * Marshal.SizeOf(typeof(NetResourceA)), entry);
            found.Add((entry.LocalName ?? "-") + "=" + entry.RemoteName);
        }
        Wide.WNetCloseEnum(list);
        Marshal.FreeHGlobal(buffer);
        found.Sort(string.CompareOrdinal);
        return string.Join(" ", found) + (code == Codes.NoError ? "" : " code " + code);
    }

    static string Words(bool wide, out int code) {
        var text = new StringBuilder(512);
        var name = new StringBuilder(128);
        int rc = wide ? Wide.WNetGetLastError(out code, text, text.Capacity, name, name.Capacity)
            : Narrow.WNetGetLastError(out code, text, text.Capacity, name, name.Capacity);
        return rc == Codes.NoError ? name + ": " + text : "code " + rc;
    }

    static void Unicode() {
        var resource = new NetResourceW { Type = Codes.Disk, LocalName = "Z:", RemoteName = Foreign };
        var structure = new NETRESOURCEW { dwType = 1, lpLocalName = "Y:", lpRemoteName = Share };

        Is(Wide.WNetAddConnection2(resource, "secret", "anna", 0), Codes.NoError, "Unicode, a class: Z: is mapped");
        Is(Wide.AddStruct(ref structure, "secret", "anna", 0), Codes.NoError, "Unicode, a structure: Y: is mapped");
        Is(RemoteOf("z:", true), Foreign, "Unicode: what Z: is");
        Is(RemoteOf("Y:", true), Share, "Unicode: what Y: is");
        Is(ListWide(Codes.Connected, null, 16384), "Y:=" + Share + " Z:=" + Foreign, "Unicode: both are listed");
        Is(ListWide(Codes.Connected, null, 200), "Y:=" + Share + " Z:=" + Foreign, "Unicode: one at a time");
        Is(Wide.WNetCancelConnection2("Y:", 0, false), Codes.NoError, "Unicode: Y: is cancelled");
        Is(Wide.WNetCancelConnection2("Y:", 0, false), Codes.NotConnected, "Unicode: only once");
        Is(Wide.WNetCancelConnection2(Foreign, 0, true), Codes.NoError, "Unicode: Z: is cancelled by its remote name");
        Is(ListWide(Codes.Connected, null, 16384), "", "Unicode: nothing is left");
    }

    static void Ansi() {
        var resource = new NetResourceA { Type = Codes.Disk, LocalName = "Z:", RemoteName = Foreign };
        var structure = new NETRESOURCEA { dwType = 1, lpLocalName = "Y:", lpRemoteName = Share };
        var user = new StringBuilder(64);
        int size = user.Capacity;

        Is(Narrow.WNetAddConnection2(resource, "secret", "anna", 0), Codes.NoError, "Ansi, a class: Z: is mapped");
        Is(Narrow.AddStruct(ref structure, "secret", "anna", 0), Codes.NoError, "Ansi, a structure: Y: is mapped");
        Is(RemoteOf("Z:", false), Foreign, "Ansi: what Z: is");
        Is(RemoteOf("Z:", true), Foreign, "the same through the W function");
        Is(Narrow.WNetGetUser("Y:", user, ref size), Codes.NoError, "Ansi: the user of Y: is asked for");
        Is(user.ToString(), "anna", "Ansi: it is anna");
        Is(ListNarrow(Codes.Connected, null), "Y:=" + Share + " Z:=" + Foreign, "Ansi: both are listed");
        Is(Narrow.WNetCancelConnection2("Y:", 0, false), Codes.NoError, "Ansi: Y: is cancelled");
        Is(Narrow.WNetCancelConnection2("z:", 0, true), Codes.NoError, "Ansi: Z: is cancelled");
    }

    static void UseConnection() {
        var resource = new NetResourceW { Type = Codes.Disk, RemoteName = Share };
        var access = new StringBuilder(64);
        int size = 1, result;

        Is(Wide.WNetUseConnection(IntPtr.Zero, resource, "secret", "anna", Codes.Redirect, access, ref size, out result),
            Codes.MoreData, "WNetUseConnection: the buffer is too small");
        Is(size, 3, "and it says what is needed");
        Is(Wide.WNetUseConnection(IntPtr.Zero, resource, "secret", "anna", Codes.Redirect, access, ref size, out result),
            Codes.NoError, "WNetUseConnection: a device is chosen");
        Is(access.ToString(), "Z:", "it is Z:");
        Is(result, Codes.LocalDrive, "which is a device");
        Is(Wide.WNetCancelConnection2("Z:", 0, false), Codes.NoError, "it is cancelled");
    }

    static void UseConnectionAnsi() {
        var resource = new NetResourceA { Type = Codes.Disk, RemoteName = Foreign };
        var access = new StringBuilder(64);
        int size = 64, result;

        Is(Narrow.WNetUseConnection(IntPtr.Zero, resource, "secret", "anna", 0, access, ref size, out result),
            Codes.NoError, "WNetUseConnection, Ansi: no device is asked for");
        Is(access.ToString(), Foreign, "the remote name is the one to use");
        Is(result, 0, "which is no device");
        Is(Narrow.WNetCancelConnection2(Foreign, 0, false), Codes.NoError, "it is cancelled");
    }

    static void Names() {
        var resource = new NetResourceW { Type = Codes.Disk, LocalName = "U:", RemoteName = Share };
        IntPtr buffer = Marshal.AllocHGlobal(4096);
        int size = 8, code;

        Is(Wide.WNetAddConnection2(resource, "secret", "anna", 0), Codes.NoError, "U: is mapped");
        code = Wide.WNetGetUniversalName("U:\\dir\\\u00e4", Codes.RemoteName, buffer, ref size);
        Is(code, Codes.MoreData, "WNetGetUniversalName: the buffer is too small");
        code = Wide.WNetGetUniversalName("U:\\dir\\\u00e4", Codes.RemoteName, buffer, ref size);
        Is(code, Codes.NoError, "its size is enough");
        var names = (REMOTE_NAME_INFOW)Marshal.PtrToStructure(buffer, typeof(REMOTE_NAME_INFOW));
        Is(names.lpUniversalName, Share + "\\dir\\\u00e4", "the universal name");
        Is(names.lpConnectionName, Share, "the connection's name");
        Is(names.lpRemainingPath, "\\dir\\\u00e4", "the rest");
        size = 4096;
        Is(Narrow.WNetGetUniversalName("U:\\dir\\\u00e4", Codes.UniversalName, buffer, ref size), Codes.NoError,
            "Ansi, the other level");
        Is(Marshal.PtrToStringAnsi(Marshal.ReadIntPtr(buffer)), Share + "\\dir\\\u00e4", "the same name");
        Marshal.FreeHGlobal(buffer);
        Is(Wide.WNetCancelConnection2("U:", 0, false), Codes.NoError, "U: is cancelled");
    }

    static void Network() {
        Is(ListWide(Codes.GlobalNet, null, 16384), "-=Memory Network", "the network: its providers");
        Is(ListWide(Codes.GlobalNet, new NetResourceW { Usage = 2, RemoteName = @"\\memory" }, 16384),
            "-=" + Share + " -=" + Foreign, "Unicode: the shares of a server");
        Is(ListNarrow(Codes.GlobalNet, new NetResourceA { Usage = 2, RemoteName = @"\\memory" }),
            "-=" + Share + " -=" + Foreign, "Ansi: the same");
    }

    static void Remember() {
        var resource = new NetResourceA { Type = Codes.Disk, LocalName = "R:", RemoteName = Share };

        Is(Narrow.WNetAddConnection2(resource, "secret", "anna", Codes.UpdateProfile), Codes.NoError, "R: is remembered");
        Is(Narrow.WNetCancelConnection2("R:", 0, false), Codes.NoError, "it is cancelled, not forgotten");
        Is(ListWide(Codes.Remembered, null, 16384), "R:=" + Share, "it is listed");
        Is(Narrow.WNetCancelConnection2("R:", Codes.UpdateProfile, false), Codes.NoError, "it is forgotten");
        Is(ListWide(Codes.Remembered, null, 16384), "", "nothing is remembered");
    }

    static void Errors() {
        var resource = new NetResourceW { Type = Codes.Disk, LocalName = "Z:", RemoteName = Share };
        var nobody = new NetResourceA { Type = Codes.Disk, RemoteName = "nobody" };
        int code, narrowCode, rc = Wide.WNetAddConnection2(resource, "wrong", "anna", 0);
        int marshalled = Marshal.GetLastWin32Error(), own = Own.MprGetLastError();
        string words = Words(true, out code);

        Is(rc, Codes.InvalidPassword, "a wrong password");
        Is(own, Codes.InvalidPassword, "MprGetLastError has the code");
        // Mono takes errno for the last error, wherever it is not Windows.
        Console.WriteLine("# Marshal.GetLastWin32Error() is {0}", marshalled);
        Ok(words.StartsWith("Memory Network: ") && words.Contains(Share) && words.Contains("anna"), "the words: " + words);
        Is(Words(false, out narrowCode), words, "the same in the A function");
        Is(narrowCode, code, "with the same code");
        Ok(!words.Contains("wrong\""), "the password is not in them");
        Is(Narrow.WNetAddConnection2(nobody, null, null, 0), Codes.BadNetName, "a name that is nobody's");
        Is(Wide.WNetAddConnection2(null, null, null, 0), Codes.InvalidAddress, "no resource");
        Is(Wide.WNetCancelConnection2(null, 0, false), Codes.NotConnected, "no name");
        Is(Wide.WNetCancelConnection2("Z:", 0x10000000, false), Codes.InvalidParameter, "a flag that is none");
        resource.LocalName = "Z:\\";
        Is(Wide.WNetAddConnection2(resource, "secret", "anna", 0), Codes.BadDevice, "a device that is none");
        var thread = new Thread(() => { Words(true, out code); });
        code = -1;
        thread.Start();
        thread.Join();
        Is(code, 0, "another thread has no error");
    }

    static int Main() {
        Is(Marshal.SizeOf(typeof(NETRESOURCEW)), 48, "NETRESOURCE has 48 bytes");
        Unicode();
        Ansi();
        UseConnection();
        UseConnectionAnsi();
        Names();
        Network();
        Remember();
        Errors();
        Console.WriteLine("1..{0}", number);
        return failed == 0 ? 0 : 1;
    }
}
