using System.Runtime.InteropServices;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Native memory that grows as needed and is kept: bitmaps and scores of a scan, which kernels read by address.</summary>
internal sealed unsafe class NativeScratch : IDisposable
{
    private void* _memory;
    private nuint _bytes;

    /// <summary>Frees what was not disposed of.</summary>
    ~NativeScratch() => NativeMemory.AlignedFree(_memory);

    /// <summary>Address of the memory.</summary>
    public nint Address => (nint)_memory;

    /// <summary>Makes the memory at least as large.</summary>
    /// <returns>Whether it is new, so that its contents are undefined; else it is as it was.</returns>
    public bool Reserve(long bytes)
    {
        if ((nuint)bytes <= _bytes)
            return false;
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _memory = NativeMemory.AlignedAlloc((nuint)bytes, NativePages.CacheLine);
        _bytes = (nuint)bytes;
        return true;
    }

    /// <summary>A part as a span.</summary>
    public Span<T> Span<T>(long from, int count)
        where T : unmanaged => new((T*)_memory + from, count);

    /// <inheritdoc />
    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _bytes = 0;
        GC.SuppressFinalize(this);
    }
}
