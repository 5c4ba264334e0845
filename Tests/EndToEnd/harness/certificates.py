"""Certificates in files, as an operator has them, made by authorities of the test's own."""

import grpc
import trustme

NAME = "gateway.test"


class Authority:
    """One that signs; `file` is its certificate."""

    def __init__(self, folder, name):
        self.folder = folder
        self.name = name
        self._authority = trustme.CA()
        self.file = folder / f"{name}.pem"
        self._authority.cert_pem.write_to_path(self.file)

    def issue(self, label, *names):
        """A certificate for `names`, in files that an earlier one of that label is replaced in."""
        issued = self._authority.issue_cert(*(names or (NAME, "localhost", "127.0.0.1")))
        files = Files(self.folder / f"{label}.pem", self.folder / f"{label}.key")
        files.key.write_bytes(issued.private_key_pem.bytes())
        files.certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        return files

    def credentials(self, files=None):
        """For a client that trusts this authority, and proves itself with `files`."""
        return grpc.ssl_channel_credentials(
            self.file.read_bytes(), files and files.key.read_bytes(),
            files and files.certificate.read_bytes())


class Files:
    def __init__(self, certificate, key):
        self.certificate = certificate
        self.key = key

    def options(self, client_authority=None):
        """Those of `serve`."""
        options = ["--tls-certificate", str(self.certificate), "--tls-key", str(self.key)]
        if client_authority:
            options += ["--tls-client-ca", str(client_authority.file)]
        return options
