using System.Reflection;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using KgOrleans.TestSupport;

namespace KgOrleans.Benchmarks;

/// <summary>Bytes that every benchmark may allocate once warm: checked in, compared to the byte.</summary>
public static class AllocationBaseline
{
    private const int Runs = 5;

    /// <summary>The checked-in numbers by benchmark.</summary>
    public static Dictionary<string, long> Expected()
    {
        using var file = typeof(AllocationBaseline).Assembly.GetManifestResourceStream("allocations.json")!;
        return JsonSerializer.Deserialize<Dictionary<string, long>>(file)!;
    }

    /// <summary>One line for every benchmark that allocates otherwise, is not in the file, or is in the file only.</summary>
    public static IEnumerable<string> Differences()
    {
        var expected = Expected();
        foreach (var (name, bytes) in Measured())
        {
            if (!expected.Remove(name, out var allowed))
                yield return $"{name}: allocates {bytes} bytes and is not in allocations.json";
            else if (bytes != allowed)
                yield return $"{name}: allocates {bytes} bytes, allocations.json says {allowed}";
        }
        foreach (var name in expected.Keys)
            yield return $"{name}: in allocations.json, but no such benchmark";
    }

    private static IEnumerable<(string Name, long Bytes)> Measured()
    {
        foreach (var type in typeof(AllocationBaseline).Assembly.GetTypes())
        {
            var benchmarks = type.GetMethods().Where(m => m.GetCustomAttribute<BenchmarkAttribute>() is not null).ToArray();
            if (benchmarks.Length == 0)
                continue;
            var instance = Activator.CreateInstance(type)!;
            foreach (var setup in type.GetMethods().Where(m => m.GetCustomAttribute<GlobalSetupAttribute>() is not null))
                setup.Invoke(instance, null);
            foreach (var benchmark in benchmarks)
                yield return ($"{type.Name}.{benchmark.Name}", Allocations.AfterWarmUp(benchmark.CreateDelegate<Action>(instance), Runs) / Runs);
        }
    }
}
