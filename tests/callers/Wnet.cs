// SPDX-License-Identifier: LGPL-2.1-or-later
// Wnet.cs: the functions of mpr.dll as C# programs on Windows declare them: with CharSet.Ansi
// and CharSet.Unicode, NETRESOURCE as a class and as a structure.
using System;
using System.Runtime.InteropServices;
using System.Text;

static class Codes {
    public const int NoError = 0, BadNetName = 67, AlreadyAssigned = 85, InvalidPassword = 86,
        InvalidParameter = 87, MoreData = 234, NoMoreItems = 259, InvalidAddress = 487, BadDevice = 1200,
        ExtendedError = 1208, NotConnected = 2250;
    public const int UniversalName = 1, RemoteName = 2;
    public const int Connected = 1, GlobalNet = 2, Remembered = 3;
    public const int Disk = 1;
    public const int UpdateProfile = 1, Redirect = 0x80, LocalDrive = 0x100;
}

[StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
class NetResourceW {
    public int Scope;
    public int Type;
    public int DisplayType;
    public int Usage;
    public string LocalName;
    public string RemoteName;
    public string Comment;
    public string Provider;
}

[StructLayout(LayoutKind.Sequential, CharSet = CharSet.Ansi)]
class NetResourceA {
    public int Scope;
    public int Type;
    public int DisplayType;
    public int Usage;
    public string LocalName;
    public string RemoteName;
    public string Comment;
    public string Provider;
}

[StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
struct NETRESOURCEW {
    public uint dwScope;
    public uint dwType;
    public uint dwDisplayType;
    public uint dwUsage;
    [MarshalAs(UnmanagedType.LPWStr)] public string lpLocalName;
    [MarshalAs(UnmanagedType.LPWStr)] public string lpRemoteName;
    [MarshalAs(UnmanagedType.LPWStr)] public string lpComment;
    [MarshalAs(UnmanagedType.LPWStr)] public string lpProvider;
}

[StructLayout(LayoutKind.Sequential, CharSet = CharSet.Ansi)]
struct NETRESOURCEA {
    public uint dwScope;
    public uint dwType;
    public uint dwDisplayType;
    public uint dwUsage;
    [MarshalAs(UnmanagedType.LPStr)] public string lpLocalName;
    [MarshalAs(UnmanagedType.LPStr)] public string lpRemoteName;
    [MarshalAs(UnmanagedType.LPStr)] public string lpComment;
    [MarshalAs(UnmanagedType.LPStr)] public string lpProvider;
}

[StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
struct REMOTE_NAME_INFOW {
    [MarshalAs(UnmanagedType.LPWStr)] public string lpUniversalName;
    [MarshalAs(UnmanagedType.LPWStr)] public string lpConnectionName;
    [MarshalAs(UnmanagedType.LPWStr)] public string lpRemainingPath;
}

// CharSet.Unicode, names without a suffix: the runtime finds the W functions.
static class Wide {
    [DllImport("mpr.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    public static extern int WNetAddConnection2(NetResourceW resource, string password, string user, int flags);
    [DllImport("mpr.dll", CharSet = CharSet.Unicode, EntryPoint = "WNetAddConnection2W")]
    public static extern int AddStruct(ref NETRESOURCEW resource, string password, string user, int flags);
    [DllImport("mpr.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    public static extern int WNetCancelConnection2(string name, int flags, bool force);
    [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
    public static extern int WNetGetConnection(string local, StringBuilder remote, ref int length);
    [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
    public static extern int WNetGetUser(string name, StringBuilder user, ref int length);
    [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
    public static extern int WNetUseConnection(IntPtr owner, NetResourceW resource, string password, string user,
        int flags, StringBuilder accessName, ref int size, out int result);
    [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
    public static extern int WNetOpenEnum(int scope, int type, int usage, NetResourceW resource, out IntPtr list);
    [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
    public static extern int WNetEnumResource(IntPtr list, ref int count, IntPtr buffer, ref int size);
    [DllImport("mpr.dll")]
    public static extern int WNetCloseEnum(IntPtr list);
    [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
    public static extern int WNetGetUniversalName(string path, int level, IntPtr buffer, ref int size);
    [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
    public static extern int WNetGetLastError(out int code, StringBuilder text, int textSize, StringBuilder name,
        int nameSize);
}

// CharSet.Ansi is UTF-8 here: names without a suffix, which the library has too.
static class Narrow {
    [DllImport("mpr.dll", CharSet = CharSet.Ansi)]
    public static extern int WNetGetUniversalName(string path, int level, IntPtr buffer, ref int size);
    [DllImport("mpr.dll", CharSet = CharSet.Ansi, SetLastError = true)]
    public static extern int WNetAddConnection2(NetResourceA resource, string password, string user, int flags);
    [DllImport("mpr.dll", CharSet = CharSet.Ansi, EntryPoint = "WNetAddConnection2A", ExactSpelling = true)]
    public static extern int AddStruct(ref NETRESOURCEA resource, string password, string user, int flags);
    [DllImport("mpr.dll")]
    public static extern int WNetCancelConnection2(string name, int flags, bool force);
    [DllImport("mpr.dll")]
    public static extern int WNetGetConnection(string local, StringBuilder remote, ref int length);
    [DllImport("mpr.dll")]
    public static extern int WNetGetUser(string name, StringBuilder user, ref int length);
    [DllImport("mpr.dll")]
    public static extern int WNetUseConnection(IntPtr owner, NetResourceA resource, string password, string user,
        int flags, StringBuilder accessName, ref int size, out int result);
    [DllImport("mpr.dll")]
    public static extern int WNetOpenEnum(int scope, int type, int usage, NetResourceA resource, out IntPtr list);
    [DllImport("mpr.dll")]
    public static extern int WNetEnumResource(IntPtr list, ref int count, IntPtr buffer, ref int size);
    [DllImport("mpr.dll")]
    public static extern int WNetGetLastError(out int code, StringBuilder text, int textSize, StringBuilder name,
        int nameSize);
}

// The library's own: what the last function of this thread returned.
static class Own {
    [DllImport("mpr.dll")]
    public static extern int MprGetLastError();
}
