using System.Diagnostics;

namespace KgOrleans.Lab.Bench;

/// <summary>Times work that is warmed up first.</summary>
internal static class BenchClock
{
    private const double WarmUpMs = 600;

    /// <summary>Median milliseconds of some runs, after enough time for the runtime to have compiled what is measured with all optimisations.</summary>
    public static double Median(int repeat, Action work)
    {
        var warm = Stopwatch.GetTimestamp();
        for (var runs = 0; runs < 3 || Stopwatch.GetElapsedTime(warm).TotalMilliseconds < WarmUpMs; runs++)
            work();
        var times = new double[repeat];
        foreach (ref var time in times.AsSpan())
        {
            var start = Stopwatch.GetTimestamp();
            work();
            time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        return times[repeat / 2];
    }
}
