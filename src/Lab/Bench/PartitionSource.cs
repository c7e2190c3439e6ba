using System.Buffers.Text;
using System.Globalization;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Bench;

/// <summary>
/// A made-up catalogue, the same for the same seed: ten items a creator, fifty a song, three tags of two thousand, fifty regions. A row's vector is the sum of
/// two of 2 x 4096 random ones, so that any number of rows needs no memory but their keys.
/// </summary>
internal sealed class PartitionSource
{
    private const int Pool = 4096;
    private const int TagCount = 2000;
    private const int TagsOfWork = 3;
    private const long Day = 86_400_000;

    /// <summary>Time that requests are made at.</summary>
    public const long Now = 1_770_000_000_000;

    private readonly int _dimension;
    private readonly float[] _vectors;
    private readonly ulong[] _keys;
    private readonly ulong[] _creatorKeys;
    private readonly ulong[] _songKeys;
    private readonly ulong[] _tagKeys = new ulong[Pool * TagsOfWork];
    private readonly byte[][] _tagTexts = new byte[Pool][];
    private readonly int[][] _tagEnds = new int[Pool][];
    private readonly ulong[] _regions = [.. Enumerable.Range(0, 50).Select(i => Key64.Of($"region{i}"))];
    private readonly ulong[] _languages = [.. Enumerable.Range(0, 8).Select(i => Key64.Of($"lang{i}"))];
    private readonly float[] _content;
    private readonly float[] _vector;
    private readonly byte[] _text = new byte[64];
    private readonly int _seed;

    public PartitionSource(int count, int dimension, int content, int seed)
    {
        (Count, _dimension, _seed) = (count, dimension, seed);
        var random = new Random(seed);
        _vectors = new float[2 * Pool * dimension];
        foreach (ref var x in _vectors.AsSpan())
            x = random.NextSingle() - 0.5f;
        _content = new float[content];
        foreach (ref var x in _content.AsSpan())
            x = random.NextSingle() - 0.5f;
        VectorMath.Normalise(_content);
        _vector = new float[dimension];
        _keys = Keys(count, "i");
        _creatorKeys = Keys((count / 10) + 1, "c");
        _songKeys = Keys((count / 50) + 1, "s");
        for (var i = 0; i < Pool; i++)
        {
            var text = "";
            _tagEnds[i] = new int[TagsOfWork];
            for (var t = 0; t < TagsOfWork; t++)
            {
                // A few tags are everywhere, most are rare.
                var tag = $"tag{(int)(TagCount * Math.Pow(random.NextDouble(), 3))}-{t}";
                _tagKeys[(i * TagsOfWork) + t] = Key64.Of(tag);
                text += tag;
                _tagEnds[i][t] = text.Length;
            }
            _tagTexts[i] = System.Text.Encoding.ASCII.GetBytes(text);
        }
    }

    public int Count { get; }

    /// <summary>Components of a vector of the recall head: the first of a row's vector.</summary>
    public int Head { get; init; }

    public ulong KeyOf(int i) => _keys[i];

    public string IdOf(int i) => string.Create(CultureInfo.InvariantCulture, $"i{_seed}-{i}");

    public static string TagOf(int tag) => string.Create(CultureInfo.InvariantCulture, $"tag{tag}-0");

    public ulong CreatorKeyOf(int i) => _creatorKeys[i / 10];

    public ulong SongKeyOf(int i) => _songKeys[Scatter(i, _songKeys.Length)];

    /// <summary>Item vector of a row; good until the next call.</summary>
    public ReadOnlySpan<float> VectorOf(int i)
    {
        var a = _vectors.AsSpan((i & (Pool - 1)) * _dimension, _dimension);
        var b = _vectors.AsSpan((Pool + ((i / Pool) & (Pool - 1))) * _dimension, _dimension);
        for (var at = 0; at < _dimension; at += System.Numerics.Vector<float>.Count)
            (new System.Numerics.Vector<float>(a[at..]) + new System.Numerics.Vector<float>(b[at..])).CopyTo(_vector, at);
        return _vector;
    }

    /// <summary>A random user.</summary>
    public float[] User(Random random)
    {
        var user = new float[_dimension];
        foreach (ref var x in user.AsSpan())
            x = random.NextSingle() - 0.5f;
        return user;
    }

    /// <summary>A row as columns take it; good until the next call.</summary>
    public DecodedItem Decoded(int i)
    {
        var (tags, creator, song) = (Scatter(i, Pool), i / 10, Scatter(i, _songKeys.Length));
        var id = Text(0, 'i', i);
        var creatorEnd = Text(id, 'c', creator);
        var songEnd = Text(creatorEnd, 's', song);
        return new DecodedItem
        {
            Key = _keys[i],
            Id = _text.AsSpan(0, id),
            CreatorKey = _creatorKeys[creator],
            Creator = _text.AsSpan(id, creatorEnd - id),
            SongKey = _songKeys[song],
            Song = _text.AsSpan(creatorEnd, songEnd - creatorEnd),
            RegionKey = _regions[Scatter(i, _regions.Length)],
            LanguageKey = _languages[i & 7],
            TagKeys = _tagKeys.AsSpan(tags * TagsOfWork, TagsOfWork),
            TagText = _tagTexts[tags],
            TagEnds = _tagEnds[tags],
            PublishedAt = Now - (Scatter(i, 120) * Day) - i % 86_400,
            ExpiresAt = i % 10 == 0 ? Now + (Scatter(i, 60) * Day) : long.MaxValue,
            LogPosition = i,
            DurationSeconds = 30 + (i % 300),
            Quality = (i % 100) / 100f,
            Kind = (ItemKind)(i % 3),
            Hidden = i % 100 == 99,
            Content = _content,
            HasContent = true,
            Embedding = VectorOf(i),
            Recall = _vector.AsSpan(0, Head),
        };
    }

    /// <summary>A row as a parsed document.</summary>
    public ItemDocument Document(int i) => new()
    {
        ItemId = IdOf(i),
        CreatorId = string.Create(CultureInfo.InvariantCulture, $"c{_seed}-{i / 10}"),
        SongId = string.Create(CultureInfo.InvariantCulture, $"s{_seed}-{Scatter(i, _songKeys.Length)}"),
        Kind = (ItemKind)(i % 3),
        Tags = [TagOf(i % 7), TagOf(i % 100), TagOf(i % 1000)],
        Region = $"region{i % 50}",
        Language = $"lang{i & 7}",
        PublishedAt = DateTimeOffset.FromUnixTimeMilliseconds(Now - (i % 120 * Day)),
        Quality = (i % 100) / 100d,
        DurationSeconds = 30 + (i % 300),
        Vectors = _content.Length > 0 ? new Dictionary<string, float[]> { [ItemValidator.ContentVector] = _content } : null,
    };

    private static int Scatter(int i, int count) => (int)((uint)i * 2654435761u % (uint)count);

    private int Text(int from, char prefix, int number)
    {
        _text[from] = (byte)prefix;
        Utf8Formatter.TryFormat(_seed, _text.AsSpan(from + 1), out var seed);
        _text[from + 1 + seed] = (byte)'-';
        Utf8Formatter.TryFormat(number, _text.AsSpan(from + 2 + seed), out var digits);
        return from + 2 + seed + digits;
    }

    private ulong[] Keys(int count, string prefix)
    {
        var keys = new ulong[count];
        Span<char> text = stackalloc char[32];
        for (var i = 0; i < count; i++)
        {
            text.TryWrite(CultureInfo.InvariantCulture, $"{prefix}{_seed}-{i}", out var written);
            keys[i] = Key64.Of(text[..written]);
        }
        return keys;
    }
}
