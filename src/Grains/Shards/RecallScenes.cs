using System.Collections.Immutable;
using System.IO.Hashing;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Grains.Shards;

/// <summary>What scenes say of recall, compiled: a silo's shards read each version once.</summary>
public sealed class RecallScenes
{
    /// <summary>Versions that are kept. Scenes come and go; beyond this all are read anew.</summary>
    public const int Kept = 64;

    // Replaced as a whole: reading takes no lock, and two readers that add at the same time lose one entry, which is then read again.
    private ImmutableDictionary<ulong, (byte[] Utf8, RecallScene Scene)> _kept = ImmutableDictionary<ulong, (byte[], RecallScene)>.Empty;

    /// <summary>Versions that are kept now.</summary>
    public int Count => _kept.Count;

    /// <summary>The scene of a query.</summary>
    /// <param name="utf8">A <see cref="RecallScene"/> as UTF-8 JSON; empty for the default.</param>
    public RecallScene Of(byte[] utf8)
    {
        if (utf8.Length == 0)
            return RecallScene.Default;
        var (hash, kept) = (XxHash64.HashToUInt64(utf8), Volatile.Read(ref _kept));
        if (kept.TryGetValue(hash, out var known) && known.Utf8.AsSpan().SequenceEqual(utf8))
            return known.Scene;
        var scene = RecallScene.Parse(utf8);
        Volatile.Write(ref _kept, (kept.Count < Kept ? kept : kept.Clear()).SetItem(hash, (utf8, scene)));
        return scene;
    }
}
