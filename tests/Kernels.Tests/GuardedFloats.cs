using System.Runtime.InteropServices;

namespace KgOrleans.Kernels.Tests;

/// <summary>Floats that end where an unreadable page begins and start where one ends: reading one component too far kills the process.</summary>
internal sealed unsafe partial class GuardedFloats : IDisposable
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;
    private readonly byte* _map;
    private readonly nuint _bytes;
    private readonly nuint _page = (nuint)Environment.SystemPageSize;

    public GuardedFloats(int most)
    {
        var inside = (((nuint)most * sizeof(float)) + _page - 1) / _page * _page;
        _bytes = inside + (2 * _page);
        _map = (byte*)Map(0, _bytes, ReadWrite, PrivateAnonymous, -1, 0);
        Assert.NotEqual(-1, (nint)_map);
        Assert.Equal(0, Protect((nint)_map, _page, 0));
        Assert.Equal(0, Protect((nint)(_map + _bytes - _page), _page, 0));
    }

    public Span<float> AtEnd(int count) => new(_map + _bytes - _page - ((nuint)count * sizeof(float)), count);

    public Span<float> AtStart(int count) => new(_map + _page, count);

    public void Dispose() => Assert.Equal(0, Unmap((nint)_map, _bytes));

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
