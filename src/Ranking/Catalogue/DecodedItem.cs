using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// An item as columns take it: keys are computed, times are unix milliseconds, unknown numbers are NaN. Names are UTF-8; names of regions,
/// languages, tones, communities, features and worlds are not kept.
/// </summary>
public ref struct DecodedItem
{
    /// <summary>An item without anything optional.</summary>
    public DecodedItem()
    {
    }

    /// <summary>Key of the id.</summary>
    public ulong Key;

    /// <summary>Id, at most 255 bytes.</summary>
    public ReadOnlySpan<byte> Id;

    /// <summary>Key of the creator.</summary>
    public ulong CreatorKey;

    /// <summary>Id of the creator.</summary>
    public ReadOnlySpan<byte> Creator;

    /// <summary>Key of the song, 0 without one.</summary>
    public ulong SongKey;

    /// <summary>Id of the song.</summary>
    public ReadOnlySpan<byte> Song;

    /// <summary>Key of the region, 0 if unknown.</summary>
    public ulong RegionKey;

    /// <summary>Key of the language, 0 if unknown.</summary>
    public ulong LanguageKey;

    /// <summary>Key of the tone, 0 if unknown.</summary>
    public ulong ToneKey;

    /// <summary>Key of the world, 0 for the cluster's own.</summary>
    public ulong WorldKey;

    /// <summary>Keys of the tags, without repetition.</summary>
    public ReadOnlySpan<ulong> TagKeys;

    /// <summary>The tags, one after the other.</summary>
    public ReadOnlySpan<byte> TagText;

    /// <summary>Where each tag ends in <see cref="TagText"/>.</summary>
    public ReadOnlySpan<int> TagEnds;

    /// <summary>Keys of the communities, without repetition.</summary>
    public ReadOnlySpan<ulong> CommunityKeys;

    /// <summary>Keys of the names of the features.</summary>
    public ReadOnlySpan<ulong> FeatureKeys;

    /// <summary>Value of each feature.</summary>
    public ReadOnlySpan<float> FeatureValues;

    /// <summary>When it was published; <see cref="long.MinValue"/> for an item that never ages.</summary>
    public long PublishedAt = long.MinValue;

    /// <summary>When it expires; <see cref="long.MaxValue"/> for never.</summary>
    public long ExpiresAt = long.MaxValue;

    /// <summary>Position of the document in the log.</summary>
    public long LogPosition;

    /// <summary>Version: what callers know as the ETag.</summary>
    public long Version;

    /// <summary>Length in seconds.</summary>
    public float DurationSeconds = float.NaN;

    /// <summary>Quality 0..1.</summary>
    public float Quality = float.NaN;

    /// <summary>Kind.</summary>
    public ItemKind Kind;

    /// <summary>Taken out of every answer.</summary>
    public bool Hidden;

    /// <summary>Whether the content vector was given, not made from tags and creator.</summary>
    public bool HasContent;

    /// <summary>Unit content vector.</summary>
    public ReadOnlySpan<float> Content;

    /// <summary>Vector in the primary space; empty for none.</summary>
    public ReadOnlySpan<float> Embedding;

    /// <summary>Vector in the second space; empty for none.</summary>
    public ReadOnlySpan<float> SecondEmbedding;

    /// <summary>Vector of the recall head in the primary space; empty for none.</summary>
    public ReadOnlySpan<float> Recall;

    /// <summary>Vector of the recall head in the second space; empty for none.</summary>
    public ReadOnlySpan<float> SecondRecall;
}
