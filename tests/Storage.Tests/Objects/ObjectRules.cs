using KgOrleans.Storage.Objects;

namespace KgOrleans.Storage.Tests.Objects;

/// <summary>What every store of objects keeps, whatever it stores them in.</summary>
public abstract class ObjectRules
{
    private static CancellationToken None => TestContext.Current.CancellationToken;

    protected abstract IObjectStore Open();

    [Fact]
    public async Task What_was_written_in_parts_is_read_as_a_whole_and_from_anywhere()
    {
        var store = Open();
        var content = Content(3_000_000, 1);
        await WriteAsync(store, "whole", content);
        await using var reader = (await store.OpenAsync("whole", None))!;
        Assert.Equal(content.Length, reader.Length);
        foreach (var (offset, length) in new[] { (0, content.Length), (1, 10), (2_000_000, 1_000_000), (content.Length - 1, 1), (content.Length, 0) })
        {
            var part = new byte[length];
            await reader.ReadAsync(offset, part, None);
            Assert.Equal(content[offset..(offset + length)], part);
        }
        await Assert.ThrowsAsync<EndOfStreamException>(async () => await reader.ReadAsync(content.Length - 1, new byte[2], None));
    }

    [Fact]
    public async Task Nobody_sees_an_object_before_it_is_complete_and_one_that_was_given_up_is_nowhere()
    {
        var store = Open();
        await using (var writer = await store.CreateAsync("given-up", None))
        {
            await writer.WriteAsync(Content(100, 1), None);
            Assert.Equal(100, writer.Length);
            Assert.Null(await store.OpenAsync("given-up", None));
            Assert.Empty(await store.ListAsync("", None));
        }
        Assert.Null(await store.OpenAsync("given-up", None));
        Assert.Empty(await store.ListAsync("", None));
        Assert.Empty(await Open().ListAsync("", None));
    }

    [Fact]
    public async Task Names_are_listed_in_order_by_their_prefix_until_they_are_deleted()
    {
        var store = Open();
        foreach (var name in new[] { "b-2", "a-1", "b-10", "c" })
            await WriteAsync(store, name, Content(10, 1));
        Assert.Equal(["b-10", "b-2"], await store.ListAsync("b-", None));
        await store.DeleteAsync("b-2", None);
        await store.DeleteAsync("b-2", None);
        Assert.Equal(["a-1", "b-10", "c"], await Open().ListAsync("", None));
        Assert.Null(await store.OpenAsync("b-2", None));
    }

    [Fact]
    public async Task A_second_object_of_a_name_takes_the_place_of_the_first()
    {
        var store = Open();
        await WriteAsync(store, "same", Content(10_000, 1));
        await WriteAsync(store, "same", Content(5_000, 2));
        Assert.Equal(Content(5_000, 2), await ReadAsync(store, "same"));
        await WriteAsync(store, "empty", Array.Empty<byte>());
        Assert.Empty(await ReadAsync(store, "empty"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../outside")]
    [InlineData("A")]
    [InlineData("a.tmp")]
    public async Task No_name_addresses_anything_else(string name)
    {
        var store = Open();
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.CreateAsync(name, None));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.OpenAsync(name, None));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.DeleteAsync(name, None));
    }

    protected static byte[] Content(int length, int seed)
    {
        var content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }

    protected static async Task WriteAsync(IObjectStore store, string name, ReadOnlyMemory<byte> content)
    {
        await using var writer = await store.CreateAsync(name, None);
        var buffer = new byte[70_000];
        for (var at = 0; at < content.Length; at += buffer.Length)
        {
            // One buffer for all parts: a writer may not keep it.
            var part = content.Span[at..Math.Min(content.Length, at + buffer.Length)];
            part.CopyTo(buffer);
            await writer.WriteAsync(buffer.AsMemory(0, Math.Min(content.Length - at, buffer.Length)), None);
        }
        await writer.CompleteAsync(None);
    }

    protected static async Task<byte[]> ReadAsync(IObjectStore store, string name)
    {
        await using var reader = (await store.OpenAsync(name, None))!;
        var content = new byte[reader.Length];
        await reader.ReadAsync(0, content, None);
        return content;
    }
}
