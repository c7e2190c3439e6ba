using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Items;

/// <summary>Checks item documents before they are written.</summary>
public static class ItemValidator
{
    /// <summary>Name of the content vector. Partitions keep it for diversity and for the towers.</summary>
    public const string ContentVector = "content";

    // A day: live streams and rooms are the longest items.
    private const double LongestSeconds = 86_400;
    // Sums of squares of 1,024 components stay finite in 32 bits.
    private const double LargestComponent = 1e6;

    /// <summary>Checks a document.</summary>
    /// <param name="item">The document; its lists may be null where JSON said so.</param>
    /// <param name="contentDimension">Length that the vector named <c>content</c> must have.</param>
    /// <returns>Every error; empty when the document may be written.</returns>
    public static IReadOnlyList<FieldError> Validate(ItemDocument item, int contentDimension)
    {
        var checks = new FieldChecks();
        checks.Id("itemId", item.ItemId);
        checks.Id("creatorId", item.CreatorId);
        checks.OptionalId("songId", item.SongId);
        if (!Enum.IsDefined(item.Kind))
            checks.Add("kind", "unknownKind", "must be audio, video, live, room, song or user");
        checks.Text("title", item.Title, Limits.TitleLength);
        checks.Ids("tags", item.Tags, Limits.ItemTags);
        checks.Ids("communityIds", item.CommunityIds, Limits.ItemTags);
        checks.OptionalId("region", item.Region);
        checks.OptionalId("language", item.Language);
        checks.OptionalId("tone", item.Tone);
        checks.OptionalId("worldId", item.WorldId);
        checks.Range("durationSeconds", item.DurationSeconds, 0, LongestSeconds);
        checks.Range("quality", item.Quality, 0, 1);
        checks.Time("publishedAt", item.PublishedAt, Limits.EarliestDate, Limits.LatestDate);
        checks.Time("expiresAt", item.ExpiresAt, Limits.EarliestDate, Limits.LatestDate);
        if (item.ExpiresAt < item.PublishedAt)
            checks.Add("expiresAt", "outOfRange", "must not be before publishedAt");
        checks.Numbers("features", item.Features, Limits.Features, -Limits.FeatureValue, Limits.FeatureValue);
        if (item.Vectors is { } vectors)
            CheckVectors(checks, vectors, contentDimension);
        return checks.Errors;
    }

    private static void CheckVectors(FieldChecks checks, IReadOnlyDictionary<string, float[]> vectors, int contentDimension)
    {
        if (vectors.Count > Limits.Vectors)
        {
            checks.Add("vectors", "tooMany", $"has {vectors.Count} entries, at most {Limits.Vectors} are allowed");
            return;
        }
        foreach (var (name, vector) in vectors)
        {
            var field = FieldChecks.PathOf("vectors", name);
            if (!Limits.IsId(name))
                checks.Id(field, name);
            else if (vector is null || vector.Length is 0 or > Limits.VectorLength)
                checks.Add(field, "vectorLength", $"must have 1..{Limits.VectorLength} components");
            else if (name == ContentVector && vector.Length != contentDimension)
                checks.Add(field, "vectorLength", $"has {vector.Length} components, must have {contentDimension} like every content vector of this catalogue");
            else
            {
                for (var i = 0; i < vector.Length; i++)
                {
                    if (!float.IsFinite(vector[i]) || Math.Abs(vector[i]) > LargestComponent)
                    {
                        checks.Add(
                            FormattableString.Invariant($"{field}[{i}]"),
                            "outOfRange",
                            $"must be a finite number in -{LargestComponent:0}..{LargestComponent:0}");
                        break;
                    }
                }
            }
        }
    }
}
