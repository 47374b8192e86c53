using System.Globalization;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary>A run's files on this machine, until the run has its copies. Nobody else may look into the folder.</summary>
internal sealed class FetchedFiles : IDisposable
{
    private readonly List<InputFile> _files = [];
    private string? _folder;

    public IReadOnlyList<InputFile> Files => _files;

    public async Task AddAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        _folder ??= Directory.CreateTempSubdirectory("essaim-files-").FullName;
        // Its name comes from outside; here it has a number.
        string path = Path.Combine(_folder, _files.Count.ToString(CultureInfo.InvariantCulture));
        await File.WriteAllBytesAsync(path, content, cancellationToken);
        _files.Add(new InputFile(name, path));
    }

    public void Dispose()
    {
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
        _folder = null;
    }
}
