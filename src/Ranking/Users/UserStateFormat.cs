using System.Buffers.Binary;

namespace KgOrleans.Ranking.Users;

/// <summary>Formats of the stored <see cref="UserState"/>: older ones are migrated when they are read, and stored anew with the user's next write.</summary>
public static class UserStateFormat
{
    // Format 1 packed an item of the seen set as key (8 bytes), time (8) and types (2).
    private const int FirstSeenEntry = 18;

    /// <summary>Brings a state up to <see cref="UserState.CurrentFormat"/>, step by step; one of that format is left alone.</summary>
    /// <exception cref="FormatException">The format is newer than this code, unknown, or its content is not what it says.</exception>
    public static void Migrate(UserState state)
    {
        if (state.Format is < 1 or > UserState.CurrentFormat)
            throw new FormatException($"the state has format {state.Format}, this server reads 1..{UserState.CurrentFormat}");
        if (state.Format == 1)
            state.Seen = RepackSeen(state.Seen);
        state.Format = UserState.CurrentFormat;
    }

    private static byte[] RepackSeen(ReadOnlySpan<byte> first)
    {
        if (first.Length % FirstSeenEntry != 0)
            throw new FormatException($"a seen set of format 1 has {FirstSeenEntry} bytes an item, not {first.Length} in all");
        var set = new SeenSet();
        for (; first.Length > 0; first = first[FirstSeenEntry..])
            set.AddAll(BinaryPrimitives.ReadUInt64LittleEndian(first), BinaryPrimitives.ReadUInt16LittleEndian(first[16..]), BinaryPrimitives.ReadInt64LittleEndian(first[8..]));
        return set.Pack();
    }
}
