using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains;

/// <summary>What catalogue this is: section <c>Kg:Catalogue</c>.</summary>
public sealed class CatalogueOptions
{
    /// <summary>Default of <see cref="WorldId"/>.</summary>
    public const string DefaultWorldId = "main";

    /// <summary>Default of <see cref="ContentDimension"/>: what the demo bundle was trained with.</summary>
    public const int DefaultContentDimension = 32;

    /// <summary>Id of the cluster's own catalogue: documents without a <c>worldId</c> belong to it, and a model bundle must have been trained for it.</summary>
    public string WorldId { get; set; } = DefaultWorldId;

    /// <summary>Components of the item vector named <c>content</c>. Must agree with the model bundle.</summary>
    public int ContentDimension { get; set; } = DefaultContentDimension;

    internal void Check(SettingChecks checks)
    {
        if (!Limits.IsId(WorldId))
            checks.Add("Kg:Catalogue:WorldId", $"is '{WorldId}', it must be 1..{Limits.IdLength} characters of A-Z a-z 0-9 _ . : -");
        checks.Range("Kg:Catalogue:ContentDimension", ContentDimension, 1, Limits.VectorLength);
    }
}
