namespace KgOrleans.DemoWorld.Sampling;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"): the sequence is part of the demo world's definition, so it does not
/// depend on the runtime's generator.
/// Every part of the world draws from its own stream, so that a change in one part does not change the others.
/// </summary>
internal sealed class RandomStream(int seed, StreamPurpose purpose, int index = 0)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _state = Mix(Mix(Mix((ulong)seed + Golden) + (ulong)purpose + Golden) + (ulong)index + Golden);

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double Between(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>Uniform in 0..count-1.</summary>
    public int Next(int count) => (int)Math.BigMul(NextUInt64(), (ulong)count, out _);

    /// <summary>Uniform in low..high, both included.</summary>
    public int Between(int low, int high) => low + Next(high - low + 1);

    /// <summary>True with a probability.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>Standard normal (Box-Muller). The second value is dropped, so that a draw always uses two numbers of the stream.</summary>
    public float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(Math.Tau * NextDouble()));

    /// <summary>Standard Gumbel: the largest of score + Gumbel is a draw from the softmax of the scores.</summary>
    public float Gumbel() => (float)-Math.Log(-Math.Log(1 - NextDouble()) + double.Epsilon);

    /// <summary>Fills with standard normals.</summary>
    public void Normals(Span<float> destination)
    {
        foreach (ref var value in destination)
            value = Normal();
    }

    private ulong NextUInt64()
    {
        _state += Golden;
        return Mix(_state);
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
