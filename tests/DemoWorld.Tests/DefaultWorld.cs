using System.Diagnostics;

[assembly: AssemblyFixture(typeof(KgOrleans.DemoWorld.Tests.DefaultWorld))]

namespace KgOrleans.DemoWorld.Tests;

/// <summary>The world that the demo ships, generated once for all tests.</summary>
public sealed class DefaultWorld
{
    public static readonly DateTimeOffset Now = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);

    public DefaultWorld()
    {
        var before = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();
        Data = DemoWorldGenerator.Generate(new DemoWorldOptions(), Now);
        var cpu = Environment.CpuUsage.TotalTime - before;
        Generation = $"{Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s, {cpu.TotalSeconds:0.0} s of CPU of the process";
    }

    public DemoWorldData Data { get; }

    /// <summary>How long it took, for the test log.</summary>
    public string Generation { get; }

    /// <summary>Index of the document that an id like w00012 or u0012 names.</summary>
    public static int Index(string id) => int.Parse(id.AsSpan(1)) - 1;
}
