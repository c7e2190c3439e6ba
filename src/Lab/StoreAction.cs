using System.CommandLine;
using Azure;
using KgOrleans.CommandLine;
using KgOrleans.Storage;

namespace KgOrleans.Lab;

/// <summary>The action of a command that opens stores itself: their failures are told like those of any file.</summary>
internal static class StoreAction
{
    /// <summary>Sets the action of a command.</summary>
    public static void RunOnStores(this Command command, Func<ParseResult, Terminal, CancellationToken, Task<int>> action) =>
        command.Run(async (parsed, terminal, cancellation) =>
        {
            try
            {
                return await action(parsed, terminal, cancellation);
            }
            catch (StorageException e)
            {
                throw new IOException(e.Message, e);
            }
            catch (RequestFailedException e)
            {
                // The SDK's message holds the whole answer, headers and all.
                throw new IOException($"the blob service refused: {e.ErrorCode ?? e.Message.Split('\n')[0].Trim()} (status {e.Status})", e);
            }
        });
}
