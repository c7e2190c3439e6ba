using System.Runtime.Intrinsics;
using KgOrleans.DemoWorld.Sampling;
using KgOrleans.Ranking.Items;

namespace KgOrleans.DemoWorld.Hidden;

/// <summary>
/// The hidden properties of every user, song, creator and item, in columns. Latent vectors are Count x <see cref="Dimension"/> with about unit variance in each
/// component; they gather in taste clusters, as real tastes do.
/// </summary>
internal sealed class HiddenWorld
{
    public const int Dimension = 16;
    public const int Clusters = 12;
    public const int Groups = 24;
    public const int Communities = 200;

    // Share of variance that members of one taste cluster have in common.
    private const float ClusterShare = 0.55f;

    // Shares of an item's variance that come from its song and its creator; the rest is its own.
    private const float SongShare = 0.35f;
    private const float CreatorShare = 0.3f;

    // A creator mostly sings what their taste cluster likes.
    private const double OwnClusterSongs = 0.6;
    private const int SongTries = 8;

    public HiddenWorld(DemoWorldOptions options)
    {
        Options = options;
        Centers = new float[Clusters * Dimension];
        new RandomStream(options.Seed, StreamPurpose.Tastes).Normals(Centers);

        var songs = new RandomStream(options.Seed, StreamPurpose.Songs);
        SongWeights = WeightedSampler.ZipfWeights(options.Songs, exponent: 0.9, offset: 10, songs);
        (SongCluster, SongLatent) = Lumps(options.Songs, songs);

        var creators = new RandomStream(options.Seed, StreamPurpose.Creators);
        CreatorWeights = WeightedSampler.ZipfWeights(options.Creators, exponent: 0.9, offset: 20, creators);
        (CreatorCluster, CreatorLatent) = Lumps(options.Creators, creators);
        CreatorQuality = new float[options.Creators];
        creators.Normals(CreatorQuality);
        CreatorRegion = new int[options.Creators];
        CreatorCommunity = new int[options.Creators];
        for (var c = 0; c < options.Creators; c++)
        {
            CreatorRegion[c] = creators.Next(Names.Regions.Length);
            CreatorCommunity[c] = creators.Next(Communities);
        }

        var users = new RandomStream(options.Seed, StreamPurpose.Users);
        (UserCluster, UserLatent) = Lumps(options.Users, users);
        UserGroup = new int[options.Users];
        for (var u = 0; u < options.Users; u++)
            UserGroup[u] = users.Next(Groups);

        ItemCreator = new int[options.Items];
        ItemSong = new int[options.Items];
        ItemKinds = new ItemKind[options.Items];
        ItemTone = new int[options.Items];
        ItemQuality = new float[options.Items];
        ItemAgeDays = new double[options.Items];
        ItemLatent = new float[options.Items * Dimension];
        MakeItems(new RandomStream(options.Seed, StreamPurpose.Items));
    }

    public DemoWorldOptions Options { get; }

    public float[] Centers { get; }

    public double[] SongWeights { get; }

    public int[] SongCluster { get; }

    public float[] SongLatent { get; }

    public double[] CreatorWeights { get; }

    public int[] CreatorCluster { get; }

    public float[] CreatorLatent { get; }

    public float[] CreatorQuality { get; }

    public int[] CreatorRegion { get; }

    public int[] CreatorCommunity { get; }

    public int[] UserCluster { get; }

    public float[] UserLatent { get; }

    public int[] UserGroup { get; }

    public int[] ItemCreator { get; }

    /// <summary>Song of each item, -1 for a live stream.</summary>
    public int[] ItemSong { get; }

    public ItemKind[] ItemKinds { get; }

    public int[] ItemTone { get; }

    /// <summary>True quality, standard normal.</summary>
    public float[] ItemQuality { get; }

    /// <summary>Age at the world's midnight.</summary>
    public double[] ItemAgeDays { get; }

    public float[] ItemLatent { get; }

    public static ReadOnlySpan<float> Row(float[] latents, int index) => latents.AsSpan(index * Dimension, Dimension);

    // Lanes are added in a fixed order, so that every machine computes the same world. On narrower hardware Vector256 does the same arithmetic.
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var low = Vector256.Create(a) * Vector256.Create(b);
        var high = Vector256.Create(a[8..]) * Vector256.Create(b[8..]);
        var sum = low + high;
        var quarter = sum.GetLower() + sum.GetUpper();
        return quarter[0] + quarter[1] + (quarter[2] + quarter[3]);
    }

    private (int[] Cluster, float[] Latent) Lumps(int count, RandomStream random)
    {
        var cluster = new int[count];
        var latent = new float[count * Dimension];
        var common = MathF.Sqrt(ClusterShare);
        var own = MathF.Sqrt(1 - ClusterShare);
        for (var i = 0; i < count; i++)
        {
            cluster[i] = random.Next(Clusters);
            var center = Row(Centers, cluster[i]);
            for (var d = 0; d < Dimension; d++)
                latent[(i * Dimension) + d] = (common * center[d]) + (own * random.Normal());
        }
        return (cluster, latent);
    }

    private void MakeItems(RandomStream random)
    {
        var creators = new WeightedSampler(CreatorWeights);
        var songs = new WeightedSampler(SongWeights);
        var own = MathF.Sqrt(1 - SongShare - CreatorShare);
        for (var i = 0; i < ItemCreator.Length; i++)
        {
            var creator = ItemCreator[i] = creators.Next(random);
            var kind = random.NextDouble();
            ItemKinds[i] = kind < 0.62 ? ItemKind.Audio : kind < 0.95 ? ItemKind.Video : ItemKind.Live;
            ItemSong[i] = ItemKinds[i] == ItemKind.Live ? -1 : PickSong(creator, songs, random);
            ItemTone[i] = random.Chance(0.5) ? CreatorCluster[creator] % Names.Tones.Length : random.Next(Names.Tones.Length);
            ItemQuality[i] = (0.6f * CreatorQuality[creator]) + (0.8f * random.Normal());
            // A catalogue grows: more items are published each day than the day before.
            ItemAgeDays[i] = Options.PublishedDays * Math.Pow(1 - random.NextDouble(), 1.5);
            var creatorPart = Row(CreatorLatent, creator);
            var songPart = ItemSong[i] >= 0 ? Row(SongLatent, ItemSong[i]) : creatorPart;
            for (var d = 0; d < Dimension; d++)
                ItemLatent[(i * Dimension) + d] = (MathF.Sqrt(SongShare) * songPart[d]) + (MathF.Sqrt(CreatorShare) * creatorPart[d]) + (own * random.Normal());
        }
    }

    private int PickSong(int creator, WeightedSampler songs, RandomStream random)
    {
        var song = songs.Next(random);
        if (random.Chance(OwnClusterSongs))
        {
            for (var attempt = 0; attempt < SongTries && SongCluster[song] != CreatorCluster[creator]; attempt++)
                song = songs.Next(random);
        }
        return song;
    }
}
