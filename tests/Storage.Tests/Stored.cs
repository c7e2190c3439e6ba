using System.Diagnostics.CodeAnalysis;

namespace KgOrleans.Storage.Tests;

/// <summary>A state such as a grain would keep.</summary>
public sealed class Profile
{
    public string Name { get; set; } = "fresh";

    public List<long> Seen { get; set; } = [];
}

/// <summary>What Orleans passes to a provider.</summary>
public sealed class Stored<T> : IGrainState<T>
{
    [AllowNull]
    public T State { get; set; } = default!;

    [AllowNull]
    public string ETag { get; set; }

    public bool RecordExists { get; set; }
}
