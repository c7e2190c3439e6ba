using CsCheck;
using KgOrleans.Storage.Logs;

namespace KgOrleans.Storage.Tests.Logs;

[Trait("Suite", "Unit")]
public class Crc32CTests
{
    // RFC 3720, appendix B.4.
    [Fact]
    public void Known_vectors_match()
    {
        Assert.Equal(0xE3069283u, Crc32C.Finish(Crc32C.Append(Crc32C.Initial, "123456789"u8)));
        Assert.Equal(0x8A9136AAu, Crc32C.Finish(Crc32C.Append(Crc32C.Initial, new byte[32])));
    }

    [Fact]
    public void Pieces_give_the_checksum_of_the_whole() =>
        Gen.Select(Gen.Byte.Array[0, 100], Gen.Int[0, 100]).Sample((data, cut) =>
        {
            cut = Math.Min(cut, data.Length);
            uint pieces = Crc32C.Append(Crc32C.Append(Crc32C.Initial, data.AsSpan(0, cut)), data.AsSpan(cut));
            return pieces == Crc32C.Append(Crc32C.Initial, data);
        });
}
