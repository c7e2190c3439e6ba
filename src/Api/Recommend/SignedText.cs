using System.Buffers.Text;
using System.Security.Cryptography;

namespace KgOrleans.Api.Recommend;

/// <summary>Bytes signed by HMAC-SHA256, as base64url: opaque to callers, who can neither make nor change them.</summary>
/// <param name="key">Secret; the same on every process that serves the API.</param>
/// <param name="purpose">Signed with the content, so that a signature made with the same key for another purpose is not valid here.</param>
/// <param name="maxLength">Longest text in characters.</param>
internal sealed class SignedText(byte[] key, byte purpose, int maxLength)
{
    private const int MacLength = HMACSHA256.HashSizeInBytes;

    /// <summary>The text of some bytes.</summary>
    public string Sign(ReadOnlySpan<byte> content)
    {
        var signed = new byte[content.Length + MacLength];
        content.CopyTo(signed);
        Mac(content, signed.AsSpan(content.Length));
        return Base64Url.EncodeToString(signed);
    }

    /// <summary>The bytes of a text; null when this key did not sign it for this purpose.</summary>
    public byte[]? Open(string text)
    {
        if (text.Length > maxLength || !Base64Url.IsValid(text, out var length) || length <= MacLength)
            return null;
        var bytes = Base64Url.DecodeFromChars(text);
        // Content has exactly one text: padding, white space and stray bits in the last character are refused.
        if (Base64Url.EncodeToString(bytes) != text)
            return null;
        var content = bytes.AsSpan(0, bytes.Length - MacLength);
        Span<byte> mac = stackalloc byte[MacLength];
        Mac(content, mac);
        return CryptographicOperations.FixedTimeEquals(mac, bytes.AsSpan(content.Length)) ? content.ToArray() : null;
    }

    private void Mac(ReadOnlySpan<byte> content, Span<byte> mac)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData([purpose]);
        hash.AppendData(content);
        hash.GetHashAndReset(mac);
    }
}
