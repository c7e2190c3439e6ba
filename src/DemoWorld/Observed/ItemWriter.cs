using KgOrleans.DemoWorld.Hidden;
using KgOrleans.DemoWorld.Sampling;
using KgOrleans.Ranking.Items;

namespace KgOrleans.DemoWorld.Observed;

/// <summary>Writes the documents of the items: what a platform knows about them.</summary>
internal sealed class ItemWriter(HiddenWorld world, TagLatents tags, DateTimeOffset midnight)
{
    // In each component, beside a latent part of variance 1: like a content model that knows songs well, and listeners not at all.
    private const float ContentNoise = 0.6f;

    private const float QualityNoise = 0.8f;
    private const double OwnLanguage = 0.85;
    private const double ExtraCommunity = 0.3;

    private readonly RandomStream _random = new(world.Options.Seed, StreamPurpose.Documents);
    private readonly float[] _projection = Projection(world.Options);

    public ItemDocument[] Write()
    {
        var items = new ItemDocument[world.Options.Items];
        for (var i = 0; i < items.Length; i++)
            items[i] = WriteOne(i);
        return items;
    }

    private ItemDocument WriteOne(int item)
    {
        var creator = world.ItemCreator[item];
        var song = world.ItemSong[item];
        var kind = world.ItemKinds[item];
        var latent = HiddenWorld.Row(world.ItemLatent, item);
        var tagNames = DrawTags(latent);
        var language = _random.Chance(OwnLanguage) ? Names.LanguageOf(world.CreatorRegion[creator]) : _random.Next(Names.Languages.Length);
        return new ItemDocument
        {
            ItemId = Ids.Item(item),
            CreatorId = Ids.Creator(creator),
            SongId = song < 0 ? null : Ids.Song(song),
            Kind = kind,
            Title = song < 0 ? $"Live: an evening of {tagNames[0]}" : $"{Names.SongTitle(song)} ({tagNames[^1]}, {Names.Tones[world.ItemTone[item]]} voice)",
            Tags = tagNames,
            CommunityIds = DrawCommunities(creator),
            Region = Names.Regions[world.CreatorRegion[creator]],
            Language = Names.Languages[language],
            Tone = Names.Tones[world.ItemTone[item]],
            DurationSeconds = kind switch
            {
                ItemKind.Audio => _random.Between(120, 330),
                ItemKind.Video => _random.Between(20, 280),
                _ => _random.Between(1_200, 10_800),
            },
            // Whole milliseconds, as columns store them.
            PublishedAt = midnight.AddMilliseconds(-Math.Ceiling(world.ItemAgeDays[item] * 86_400_000)),
            Quality = Math.Round(1 / (1 + Math.Exp(-(world.ItemQuality[item] + (QualityNoise * _random.Normal())))), 3),
            Vectors = new Dictionary<string, float[]> { [ItemValidator.ContentVector] = Content(latent) },
        };
    }

    private string[] DrawTags(ReadOnlySpan<float> latent)
    {
        Span<int> drawn = stackalloc int[_random.Between(1, 4)];
        tags.Draw(latent, 0, Names.Genres, drawn[..1], _random);
        tags.Draw(latent, Names.Genres, Names.Tags.Length, drawn[1..], _random);
        var names = new string[drawn.Length];
        for (var i = 0; i < names.Length; i++)
            names[i] = Names.Tags[drawn[i]];
        return names;
    }

    private string[] DrawCommunities(int creator)
    {
        var home = world.CreatorCommunity[creator];
        var other = _random.Next(HiddenWorld.Communities);
        return _random.Chance(ExtraCommunity) && other != home ? [Ids.Community(home), Ids.Community(other)] : [Ids.Community(home)];
    }

    private float[] Content(ReadOnlySpan<float> latent)
    {
        var content = new float[world.Options.ContentDimension];
        var length = 0f;
        for (var c = 0; c < content.Length; c++)
        {
            content[c] = HiddenWorld.Dot(_projection.AsSpan(c * HiddenWorld.Dimension, HiddenWorld.Dimension), latent) + (ContentNoise * _random.Normal());
            length += content[c] * content[c];
        }
        length = MathF.Sqrt(length);
        for (var c = 0; c < content.Length; c++)
            content[c] = MathF.Round(content[c] / length, 3);
        return content;
    }

    // Random directions, ContentDimension x Dimension; columns of about unit length keep the latent part's variance at 1 per latent component.
    private static float[] Projection(DemoWorldOptions options)
    {
        var projection = new float[options.ContentDimension * HiddenWorld.Dimension];
        new RandomStream(options.Seed, StreamPurpose.Documents, index: 1).Normals(projection);
        var scale = 1 / MathF.Sqrt(options.ContentDimension);
        foreach (ref var cell in projection.AsSpan())
            cell *= scale;
        return projection;
    }
}
