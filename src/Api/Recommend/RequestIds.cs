namespace KgOrleans.Api.Recommend;

/// <summary>Ids of requests: <c>r</c> and 26 characters of base 32, ordered by time of making.</summary>
internal static class RequestIds
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>A new id (UUID version 7 in Crockford's base 32).</summary>
    public static string Next(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(now).TryWriteBytes(bytes, bigEndian: true, out _);
        var value = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return string.Create(27, value, static (text, rest) =>
        {
            for (var i = 26; i >= 1; i--, rest >>= 5)
                text[i] = Alphabet[(int)(rest & 31)];
            text[0] = 'r';
        });
    }
}
