using System.Buffers.Binary;

namespace KgOrleans.Ranking.Users;

/// <summary>
/// Formats of the stored <see cref="UserState"/>. A state in an older format is migrated when it is read, and stored in the current format with the user's next
/// write.
/// </summary>
public static class UserStateFormat
{
    // Format 1 packed an item of the seen set as key (8 bytes), time (8) and types (2).
    private const int FirstSeenEntry = 18;

    /// <summary>Migrates a state to <see cref="UserState.CurrentFormat"/>, step by step; a state in that format stays as it is.</summary>
    /// <exception cref="FormatException">The format is unknown or newer than this code, or the content does not fit the format.</exception>
    public static void Migrate(UserState state)
    {
        if (state.Format is < 1 or > UserState.CurrentFormat)
            throw new FormatException($"the user state has format {state.Format}; this server reads formats 1..{UserState.CurrentFormat}");
        if (state.Format == 1)
            state.Seen = RepackSeen(state.Seen);
        state.Format = UserState.CurrentFormat;
    }

    private static byte[] RepackSeen(ReadOnlySpan<byte> first)
    {
        if (first.Length % FirstSeenEntry != 0)
            throw new FormatException($"a seen set of format 1 has {FirstSeenEntry} bytes for each item, so it cannot have {first.Length} bytes");
        var set = new SeenSet();
        for (; first.Length > 0; first = first[FirstSeenEntry..])
        {
            var (key, at) = (BinaryPrimitives.ReadUInt64LittleEndian(first), BinaryPrimitives.ReadInt64LittleEndian(first[8..]));
            set.AddAll(key, BinaryPrimitives.ReadUInt16LittleEndian(first[16..]), at);
        }
        return set.Pack();
    }
}
