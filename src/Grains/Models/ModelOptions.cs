namespace KgOrleans.Grains.Models;

/// <summary>Which model serves: section <c>Kg:Model</c>.</summary>
public sealed class ModelOptions
{
    /// <summary>
    /// Folder of the model bundle. Empty means no models: pages come from the recall channels that need none, no model ranks, and every answer says so.
    /// </summary>
    public string Path { get; set; } = "";
}
