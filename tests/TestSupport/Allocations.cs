namespace KgOrleans.TestSupport;

/// <summary>What code allocates once it is warm.</summary>
public static class Allocations
{
    private const int WarmUps = 3;
    private const int Blocks = 5;

    /// <summary>Bytes that some runs allocate on this thread, after three to warm up: the least of five measurements.</summary>
    /// <remarks>
    /// The runtime hands a thread up to 8 KiB at a time and takes the unused rest away when a collection starts, whoever caused it. That rest stays in
    /// the thread's counter as if it had been allocated, so one measurement is too high now and then. What a run allocates is in every measurement.
    /// </remarks>
    /// <param name="run">What is measured.</param>
    /// <param name="runs">Runs of one measurement: what happens every few runs only is found by more of them.</param>
    public static long AfterWarmUp(Action run, int runs = 10)
    {
        for (var i = 0; i < WarmUps; i++)
            run();
        var least = long.MaxValue;
        for (var block = 0; block < Blocks; block++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < runs; i++)
                run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
