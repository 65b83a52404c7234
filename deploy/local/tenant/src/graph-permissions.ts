// The application permissions of which one is enough to read each kind of object.

export const readUser = ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All"];
export const readGroup = ["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"];
export const readRole = ["RoleManagement.Read.Directory", "Directory.Read.All"];
export const readSku = [
  "LicenseAssignment.Read.All",
  "LicenseAssignment.ReadWrite.All",
  "Organization.Read.All",
  "Directory.Read.All",
];
