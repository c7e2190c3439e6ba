using KgOrleans.DemoWorld.Sampling;

namespace KgOrleans.DemoWorld.Hidden;

/// <summary>
/// How much each group likes each creator and song: random, standard normal, one pair of tables for each objective. The cells are independent, so the tables
/// have full rank and no dot product of low dimension can express them.
/// </summary>
internal sealed class Affinities
{
    // Like and share have most of their variance in common with play: what is played is often liked, but not always.
    private const float Common = 0.8f;

    private readonly float[][] _creators;
    private readonly float[][] _songs;
    private readonly HiddenWorld _world;

    public Affinities(HiddenWorld world)
    {
        _world = world;
        var random = new RandomStream(world.Options.Seed, StreamPurpose.Affinities);
        _creators = Tables(HiddenWorld.Groups * world.Options.Creators, random);
        _songs = Tables(HiddenWorld.Groups * world.Options.Songs, random);
    }

    public float Creator(int objective, int group, int creator) => _creators[objective][(group * _world.Options.Creators) + creator];

    public float Song(int objective, int group, int song) => _songs[objective][(group * _world.Options.Songs) + song];

    /// <summary>Affinity of a group for an item: of unit variance, from its creator and its song when it has one.</summary>
    public float Item(int objective, int group, int item)
    {
        var creator = Creator(objective, group, _world.ItemCreator[item]);
        var song = _world.ItemSong[item];
        return song < 0 ? creator : (creator + Song(objective, group, song)) * 0.70710678f;
    }

    private static float[][] Tables(int cells, RandomStream random)
    {
        var tables = new float[Objectives.Count][];
        tables[0] = new float[cells];
        random.Normals(tables[0]);
        for (var o = 1; o < tables.Length; o++)
        {
            tables[o] = new float[cells];
            for (var i = 0; i < cells; i++)
                tables[o][i] = (Common * tables[0][i]) + (MathF.Sqrt(1 - (Common * Common)) * random.Normal());
        }
        return tables;
    }
}
