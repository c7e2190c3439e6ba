namespace KgOrleans.Kernels.Tests;

internal static class Allocations
{
    /// <summary>Bytes that ten runs allocate on this thread after three to warm up.</summary>
    public static long AfterWarmUp(Action run)
    {
        for (var i = 0; i < 3; i++)
            run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
            run();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
