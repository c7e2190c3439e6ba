using System.Diagnostics;

namespace KgOrleans.DemoWorld.Tests;

/// <summary>The world that the demo ships, generated once for all tests.</summary>
public sealed class DefaultWorld
{
    public static readonly DateTimeOffset Now = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);

    public DefaultWorld()
    {
        var started = Stopwatch.GetTimestamp();
        Data = DemoWorldGenerator.Generate(new DemoWorldOptions(), Now);
        GenerationTime = Stopwatch.GetElapsedTime(started);
    }

    public DemoWorldData Data { get; }

    public TimeSpan GenerationTime { get; }

    /// <summary>Index of the document that an id like w00012 or u0012 names.</summary>
    public static int Index(string id) => int.Parse(id.AsSpan(1)) - 1;
}
