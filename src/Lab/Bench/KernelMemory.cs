using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KgOrleans.Lab.Bench;

/// <summary>Native memory of a measurement, on huge pages where the system grants them, filled with a fixed pseudo-random sequence.</summary>
internal sealed unsafe partial class KernelMemory : IDisposable
{
    private const nuint HugePage = 2 << 20;
    private const int AdviseHugePages = 14;
    private const int PrefetchAhead = 4096;

    private readonly byte* _start;

    public KernelMemory(long bytes)
    {
        Bytes = bytes;
        // Kernels may prefetch past the end; a spare page keeps such hints inside.
        var length = (nuint)bytes + HugePage;
        _start = (byte*)NativeMemory.AlignedAlloc(length, HugePage);
        if (OperatingSystem.IsLinux())
            _ = Advise((nint)_start, length, AdviseHugePages);
        NativeMemory.Clear(_start, length);
    }

    /// <summary>Bytes asked for.</summary>
    public long Bytes { get; }

    /// <summary>Address of a byte.</summary>
    public nint At(long offset) => (nint)(_start + offset);

    /// <summary>A part as a span.</summary>
    public Span<T> Span<T>(long from, int count)
        where T : unmanaged => new((T*)_start + from, count);

    public void Dispose() => NativeMemory.AlignedFree(_start);

    /// <summary>Reads every byte once, as fast as one core does, and returns a sum so that nothing is optimised away.</summary>
    public static long Pass(nint from, long bytes)
    {
        var at = (byte*)from;
        var end = at + (bytes & ~255L);
        Vector512<long> a = default, b = default, c = default, d = default;
        for (; at < end; at += 256)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(at + PrefetchAhead);
                Sse.Prefetch0(at + PrefetchAhead + 64);
                Sse.Prefetch0(at + PrefetchAhead + 128);
                Sse.Prefetch0(at + PrefetchAhead + 192);
            }
            a += Vector512.Load((long*)at);
            b += Vector512.Load((long*)(at + 64));
            c += Vector512.Load((long*)(at + 128));
            d += Vector512.Load((long*)(at + 192));
        }
        return Vector512.Sum(a + b + c + d);
    }

    /// <summary>Uniform numbers in -0.5..0.5.</summary>
    public void FillUniform(ulong seed)
    {
        var values = (float*)_start;
        var state = seed;
        for (var i = 0L; i < Bytes / sizeof(float); i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            values[i] = ((uint)(state >> 40) * (1f / (1 << 24))) - 0.5f;
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
