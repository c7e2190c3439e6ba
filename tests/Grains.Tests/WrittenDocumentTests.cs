using System.Text;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Tests;

[Trait("Suite", "Unit")]
public sealed class WrittenDocumentTests
{
    [Fact]
    public void A_put_is_the_document_and_a_patch_is_merged_into_the_current_one()
    {
        var put = WrittenDocument.Put<UserDocument>("""{"userId":"u1","region":"GD","follows":["c1"]}"""u8.ToArray());
        Assert.Null(put.Refusal);
        var patched = WrittenDocument.Patch(put.Document!, """{"region":null,"language":"yue"}"""u8.ToArray());
        Assert.Null(patched.Refusal);
        Assert.Equal(("u1", null, "yue"), (patched.Document!.UserId, patched.Document.Region, patched.Document.Language));
        Assert.Equal(["c1"], patched.Document.Follows);
    }

    [Theory]
    [InlineData("""{"region":7}""", "region", "wrongType")]
    [InlineData("""{"reigon":"GD"}""", "reigon", "unknownMember")]
    [InlineData("null", "$", "wrongType")]
    [InlineData("[]", "$", "wrongType")]
    [InlineData("{", "$", "invalidJson")]
    public void What_is_no_document_is_refused_with_the_member_that_is_wrong(string json, string field, string code)
    {
        var utf8 = Encoding.UTF8.GetBytes(json);
        (UserDocument? Document, WriteResult? Refusal)[] read =
            [WrittenDocument.Put<UserDocument>(utf8), WrittenDocument.Patch(new UserDocument { UserId = "u1" }, utf8)];
        Assert.All(read, r =>
        {
            Assert.Null(r.Document);
            Assert.Equal(WriteStatus.Invalid, r.Refusal!.Status);
            Assert.Equal((field, code), (Assert.Single(r.Refusal.Errors).Field, r.Refusal.Errors[0].Code));
            Assert.DoesNotContain("System.", r.Refusal.Errors[0].Message);
        });
    }

    [Fact]
    public void A_member_named_twice_is_refused()
    {
        var twice = """{"region":"a","region":"b"}"""u8.ToArray();
        Assert.Equal(WriteStatus.Invalid, WrittenDocument.Put<UserDocument>(twice).Refusal!.Status);
        Assert.Equal(WriteStatus.Invalid, WrittenDocument.Patch(new UserDocument { UserId = "u1" }, twice).Refusal!.Status);
    }
}
