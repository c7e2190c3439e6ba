namespace KgOrleans.Ranking.Recall;

/// <summary>The channels together.</summary>
public static class RecallChannels
{
    /// <summary>How many there are.</summary>
    public const int Count = (int)RecallChannel.Similar + 1;

    private static readonly string[] Names = Array.ConvertAll(Enum.GetNames<RecallChannel>(), name => name.ToLowerInvariant());

    /// <summary>Name of a channel in answers and scene documents.</summary>
    public static string NameOf(RecallChannel channel) => Names[(int)channel];

    /// <summary>Name of the channel at a position.</summary>
    public static string NameOf(int channel) => Names[channel];
}
