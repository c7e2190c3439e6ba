namespace KgOrleans.Inference.Features;

/// <summary>Names of the vocabularies of id features.</summary>
public static class Vocabularies
{
    /// <summary>Items.</summary>
    public const string Item = "item";

    /// <summary>Creators.</summary>
    public const string Creator = "creator";

    /// <summary>Songs.</summary>
    public const string Song = "song";

    /// <summary>Tags.</summary>
    public const string Tag = "tag";

    /// <summary>Regions.</summary>
    public const string Region = "region";

    /// <summary>Languages.</summary>
    public const string Language = "language";

    /// <summary>Tones.</summary>
    public const string Tone = "tone";

    /// <summary>Kinds of item; the key of a kind is its byte value + 1.</summary>
    public const string Kind = "kind";

    /// <summary>Communities.</summary>
    public const string Community = "community";

    /// <summary>Kinds of device that requests come from.</summary>
    public const string Device = "device";
}
